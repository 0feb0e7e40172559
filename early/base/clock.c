// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/clock.h"

#include <limits.h>
#include <time.h>

uint64_t clock_now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * USEC_PER_SEC + (uint64_t)now.tv_nsec / 1000;
}

int clock_left_ms(uint64_t until_us)
{
	uint64_t now = clock_now_us();
	if (until_us <= now)
		return 0;
	uint64_t ms = (until_us - now + USEC_PER_MSEC - 1) / USEC_PER_MSEC;
	return ms > INT_MAX ? INT_MAX : (int)ms;
}
