// Package gotask runs the goroutines of an application on an Apache Mesos cluster.
package gotask
