// Package plot draws what simulations found out, as SVG or PNG.
//
// A figure is laid out as a Picture: a list of lines, areas and words in the
// order they are painted, in pixels from the upper left. Two writers read that
// list, one for each Format; the PNG is painted with the package's own
// rasteriser and stroke font, so that both show the same and neither needs
// fonts, a screen or another program.
//
// There are two figures. The string diagram (Recorder) is a run as lift
// engineers read it: height over time, one line a car, waits stacked at their
// floors. The rate chart (RateChart) is waits and times to destination over the
// arrival rate, measured by Sweep. Every line can be told from the others without
// its colour: by its dashes, its marks and the name at its end.
//
// Events go into a Recorder from a simulation, a live run or a journal alike.
// Nothing here is safe for use by several goroutines at once, except that Sweep
// runs its replications on all cores.
package plot
