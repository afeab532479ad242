// Package deploy holds no code but the test of the files beside it: what an
// operations team needs to run an elevator group on a Mesos cluster and to
// watch over it. README.md says which file is for which situation.
//
// Each file is checked by the tool that will read it in the end (promtool,
// amtool, buildah, systemd-analyze and so on), and each check is itself tested
// with mutated copies of the files that it must refuse. The queries of rules and
// dashboards may use only metrics that the programs really export, and command
// lines only flags that they really have.
package deploy
