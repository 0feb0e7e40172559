// SPDX-License-Identifier: GPL-2.0-or-later
// What a child prints, passed on to our own standard output and standard error. The child writes into pipes of its own:
// if it hangs, the reader of our output does not wait for it.
//
// Where standard output and standard error are the same file, as on a terminal or after "2>&1", one pipe serves both,
// and the order of the lines is kept.
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

#define RELAY_STREAMS 2

struct relay {
	int from[RELAY_STREAMS]; // our ends of the pipes; -1 when closed, or not there
	int to[RELAY_STREAMS];   // the child's ends
	int error;               // why something of standard output could not be written, or 0
	bool hold;               // what is printed is kept until relay_release()
	char *held[RELAY_STREAMS];
	size_t length[RELAY_STREAMS];
	uint64_t blocked_us; // how long writing has taken: the reader of our output may be slow
};

// Before fork(2). Returns a negative errno.
MUST_CHECK int relay_open(struct relay *relay);

// After it. In the child: standard output and standard error become the pipes, standard input gives nothing. In the
// parent: the child's ends are closed.
void relay_in_child(struct relay *relay);
void relay_in_parent(struct relay *relay);

// Fills RELAY_STREAMS entries for poll(2), passes on what is there after it, and what is left at the end. NULL has no
// streams.
void relay_poll(const struct relay *relay, struct pollfd *ret);
void relay_pass(struct relay *relay, struct pollfd *polled);
void relay_pass_rest(struct relay *relay);
// What was kept: printed, or forgotten.
void relay_release(struct relay *relay);
void relay_forget(struct relay *relay);
uint64_t relay_blocked_us(const struct relay *relay);

// Closes what is open. Returns 0, or a negative errno when something of standard output could not be written.
MUST_CHECK int relay_close(struct relay *relay);
