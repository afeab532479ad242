// Package placement decides which of the resources a framework has been offered its tasks run on.
//
// Place is a pure function from the offers held together and the tasks wanted to launches, and to a reason in words
// and numbers for every task that has to wait. The same offers and tasks in any order of offers give the same answer.
//
// Offers are put together into bins: one for each agent and allocation role, because Mesos accepts several offers at
// once only if they are of one agent and of one role. From a bin a task takes unreserved resources and those reserved
// for the role, the reserved ones first. Left alone are revocable, shared and provider's resources, disks that are more
// than space, and dynamic reservations with labels, which are meant for someone in particular. Amounts are fixed point
// with three decimals, as in Mesos (src/common/values.cpp), so that three times 0.1 fits into 0.3.
//
// The resources of an executor are charged once for each agent, with the first of its tasks, unless an offer says that
// it runs there already.
//
// By default it is all or nothing (static allocation): there are launches only if every task wanted has found a place.
// Big tasks choose first, each the agent with the fewest tasks. Packing is hard in general; when that order fails,
// three others are tried (the tightest place instead of the emptiest agent, and the tasks with the fewest possible
// places first). For equal tasks of which each needs one kind of resource, on offers of one role, a placement is found
// if there is one.
package placement
