// Package motion says where a car is and when it will be there: the travel
// times of one building, computed once and looked up ever after.
//
// A Law is made from a building. It answers four questions about a flight, the
// run of a car from one floor to another: how long it takes, where the car is
// at any moment of it, which is the last moment at which it can still be made
// to end at another floor, and therefore which floor is the next one it can
// stop at. The car controller, the dispatchers, the simulated plant and the
// dashboard all ask the same Law, so nobody has to report a position.
//
// Two models are known. SCurve is ideal kinematics with limited jerk (Peters,
// "Ideal lift kinematics", Elevator Technology 6, 1995). FloorTime is the model
// of Crites and Barto (1996): every floor takes the same time, and a car in
// motion decides about the next floor half a floor before it.
//
// A flight is named by the floor it left and the floor it goes to, and time
// within it is counted from the departure, which includes the start delay.
// Between two floors there is only the levelling run: a slow straight run from
// wherever a car was found to the next floor.
//
// A Law is read-only once made; any number of goroutines may use it.
package motion
