package stats

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"

	"elevator/internal/elevator"
)

// WritePassengers writes one row for each passenger, in the order of arrival:
// passenger,arrive_s,from,to,board_s,alight_s,car. What has not happened is
// empty.
func (c *Collector) WritePassengers(w io.Writer) error {
	rows := csv.NewWriter(w)
	row := []string{"passenger", "arrive_s", "from", "to", "board_s", "alight_s", "car"}
	if err := rows.Write(row); err != nil {
		return fmt.Errorf("write passengers: %w", err)
	}
	for i := range c.journeys {
		j := &c.journeys[i]
		row[0] = strconv.FormatInt(int64(j.Passenger), 10)
		row[1], row[4], row[5] = seconds(j.ArrivedAt), seconds(j.BoardedAt), seconds(j.LeftAt)
		row[2], row[3] = c.building.Floors[j.Floor].Name, c.building.Floors[j.To].Name
		row[6] = ""
		if j.Car != elevator.NoCar {
			row[6] = c.building.Cars[j.Car].Name
		}
		if err := rows.Write(row); err != nil {
			return fmt.Errorf("write passengers: %w", err)
		}
	}
	rows.Flush()
	if err := rows.Error(); err != nil {
		return fmt.Errorf("write passengers: %w", err)
	}
	return nil
}

func seconds(t time.Duration) string {
	if t == Pending {
		return ""
	}
	return string(elevator.AppendSeconds(nil, t))
}
