// SPDX-License-Identifier: GPL-2.0-or-later
// Time, always as microseconds since the kernel started (CLOCK_BOOTTIME): a wall clock may be at 1970.
#pragma once

#include <stdint.h>

#define USEC_PER_SEC  1000000ULL
#define USEC_PER_MSEC 1000ULL

uint64_t clock_now_us(void);

// What is left until a moment, in milliseconds for poll(2), rounded up; 0 when it has passed.
int clock_left_ms(uint64_t until_us);
