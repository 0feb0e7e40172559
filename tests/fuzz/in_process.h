// SPDX-License-Identifier: GPL-2.0-or-later
// What the program leaves to a child, lest it hang itself, is done right here: neither the coverage of a child nor its
// failure is seen. tests.mk names the harnesses that are linked so.
#pragma once

#include <stddef.h>
#include <stdint.h>

int __wrap_child_run(int (*function)(void *data), void *data, uint64_t until_us);
int __wrap_child_run(int (*function)(void *data), void *data, uint64_t until_us)
{
	(void)until_us;
	return function(data);
}

int __wrap_child_run_shared(int (*function)(void *data), void *data, size_t size, uint64_t until_us);
int __wrap_child_run_shared(int (*function)(void *data), void *data, size_t size, uint64_t until_us)
{
	(void)size, (void)until_us;
	return function(data);
}
