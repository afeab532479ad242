package ui

import (
	"fmt"
	"testing"
	"time"
)

func TestPreview(t *testing.T) {
	for _, sc := range []*scene{quiet(), busy(), faulty(), fire()} {
		m := sc.show(5 * time.Second)
		fmt.Printf("refused %d\n", m.sites[0].refused)
		f := view(m, 80, 24)
		fmt.Println(f.text())
	}
	m := busy().show(5 * time.Second)
	fmt.Println(view(m, 160, 50).text())
}
