// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/stream.h"

#define BLOCK_SIZE  4096
#define HELD_MAX    (64 * MIB)
#define BLOCKS_LEFT 256 // a pipe holds less; a child that was given up may go on printing

static bool same_file(int one, int other)
{
	struct stat a, b;
	return fstat(one, &a) == 0 && fstat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static void close_end(int *fd)
{
	cleanup_close(fd);
	*fd = -1;
}

static int open_pipe(struct relay *relay, size_t stream)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	relay->from[stream] = ends[0];
	relay->to[stream] = ends[1];
	return fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

int relay_open(struct relay *relay)
{
	*relay = (struct relay){ .from = { -1, -1 }, .to = { -1, -1 } };
	int r = open_pipe(relay, 0);
	if (r == 0 && !same_file(STDOUT_FILENO, STDERR_FILENO))
		r = open_pipe(relay, 1);
	if (r < 0) {
		relay_in_parent(relay);
		(void)!relay_close(relay);
	}
	return r;
}

void relay_in_child(struct relay *relay)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (null >= 0)
		(void)dup2(null, STDIN_FILENO);
	else
		(void)close(STDIN_FILENO);
	(void)dup2(relay->to[0], STDOUT_FILENO);
	(void)dup2(relay->to[relay->to[1] >= 0], STDERR_FILENO);
}

void relay_in_parent(struct relay *relay)
{
	for (size_t i = 0; i < RELAY_STREAMS; i++)
		close_end(&relay->to[i]);
}

void relay_poll(const struct relay *relay, struct pollfd *ret)
{
	for (size_t i = 0; i < RELAY_STREAMS; i++)
		ret[i] = (struct pollfd){ .fd = relay ? relay->from[i] : -1, .events = POLLIN };
}

// What was printed goes on being read when it cannot be written: the child shall not wait.
static void pass_block(struct relay *relay, size_t stream, const char *data, size_t length)
{
	uint64_t started_us = clock_now_us();
	int fd = stream == 0 ? STDOUT_FILENO : STDERR_FILENO;
	if (fd == STDOUT_FILENO && relay->error < 0)
		return;
	int r = stream_write(fd, data, length, UINT64_MAX);
	if (fd == STDOUT_FILENO)
		relay->error = r;
	relay->blocked_us += clock_now_us() - started_us;
}

// What is too much to be kept is printed at once.
static void keep_block(struct relay *relay, size_t stream, const char *data, size_t length)
{
	char *more =
		relay->length[stream] < HELD_MAX ? realloc(relay->held[stream], relay->length[stream] + length) : NULL;
	if (!more) {
		relay_release(relay);
		pass_block(relay, stream, data, length);
		return;
	}
	memcpy(more + relay->length[stream], data, length);
	relay->held[stream] = more;
	relay->length[stream] += length;
}

void relay_forget(struct relay *relay)
{
	for (size_t i = 0; i < RELAY_STREAMS; i++) {
		free(relay->held[i]);
		relay->held[i] = NULL;
		relay->length[i] = 0;
	}
}

void relay_release(struct relay *relay)
{
	relay->hold = false;
	for (size_t i = RELAY_STREAMS; i-- > 0;) // what is wrong comes first
		pass_block(relay, i, relay->held[i], relay->length[i]);
	relay_forget(relay);
}

// Returns whether there may be more.
static bool pass(struct relay *relay, size_t stream)
{
	char data[BLOCK_SIZE];
	ssize_t n = read(relay->from[stream], data, sizeof(data));
	if (n > 0 && relay->hold)
		keep_block(relay, stream, data, (size_t)n);
	else if (n > 0)
		pass_block(relay, stream, data, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		if (n < 0 && relay->error == 0)
			relay->error = -errno; // what it printed is lost
		close_end(&relay->from[stream]);
	}
	return n > 0;
}

void relay_pass(struct relay *relay, struct pollfd *polled)
{
	for (size_t i = 0; relay && i < RELAY_STREAMS; i++)
		if (polled[i].revents)
			(void)pass(relay, i);
	relay_poll(relay, polled);
}

void relay_pass_rest(struct relay *relay)
{
	for (size_t i = 0; relay && i < RELAY_STREAMS; i++)
		for (int n = 0; n < BLOCKS_LEFT && relay->from[i] >= 0 && pass(relay, i); n++)
			;
}

uint64_t relay_blocked_us(const struct relay *relay)
{
	return relay ? relay->blocked_us : 0;
}

int relay_close(struct relay *relay)
{
	for (size_t i = 0; i < RELAY_STREAMS; i++)
		close_end(&relay->from[i]);
	relay_forget(relay);
	return relay->error;
}
