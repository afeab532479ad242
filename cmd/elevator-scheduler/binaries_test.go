package main

import (
	"os"
	"testing"

	"elevator/internal/programtest"
)

func TestMain(m *testing.M) { os.Exit(programtest.Main(m)) }
