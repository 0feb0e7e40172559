/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the stand-ins for the drivers misbehave. */
#ifndef MACHINE_FAULT_H
#define MACHINE_FAULT_H

#include <linux/jiffies.h>
#include <linux/sched.h>

/* Sleeps like a driver whose hardware never answers; 0 is for ever. */
static inline void fault_hang_for(unsigned int ms)
{
	if (ms) {
		schedule_timeout_uninterruptible(msecs_to_jiffies(ms));
		return;
	}
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		schedule();
	}
}

#endif
