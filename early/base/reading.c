// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/reading.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/named_dir.h"

#define HUNG_MAX       16
#define PROBE_US       (300 * USEC_PER_MSEC) // for a directory that was read a moment ago
#define COMPONENTS_MAX 64

// One process reads at a time: whoever has a child waits for it.
struct shared {
	pid_t pid;
	uint64_t since_us;
	bool active;
	char path[READING_PATH_SIZE]; // the last one, when not active
	size_t hung_count;
	char hung[HUNG_MAX][READING_PATH_SIZE];
};
static struct shared *shared;

static void note_hung(pid_t pid)
{
	char path[READING_PATH_SIZE];
	(void)reading_hangs(pid, path, sizeof(path));
}

void reading_share(void)
{
	void *memory = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	shared = memory == MAP_FAILED ? NULL : memory;
	child_tell_given_up(note_hung);
}

void reading_begin(int dir, const char *path)
{
	if (!shared || !named_dir_path(dir, path, shared->path, sizeof(shared->path)))
		return;
	shared->since_us = clock_now_us();
	shared->pid = getpid();
	shared->active = true;
}

void reading_end(void)
{
	if (shared && shared->pid == getpid()) // and not that of a process that comes back late
		shared->active = false;
}

bool reading_of(pid_t pid, uint64_t least_us, char *ret, size_t size)
{
	if (!shared || shared->pid != pid || !shared->active || clock_now_us() - shared->since_us < least_us)
		return false;
	return reading_last(ret, size);
}

bool reading_last(char *ret, size_t size)
{
	snprintf(ret, size, "%.*s", READING_PATH_SIZE - 1, shared ? shared->path : "");
	return ret[0];
}

// Opens the directories on the way to a path, from the top.
struct probe {
	size_t component; // that is being opened
	char path[READING_PATH_SIZE];
};

// Cuts a path behind one of its components; false when that is the last one, or beyond.
static bool cut_behind(char *path, size_t component)
{
	char *at = path;
	for (size_t i = 0; at && i <= component; i++)
		at = strchr(at + (i > 0), '/');
	if (at)
		*at = '\0';
	return at;
}

static int probe_way(void *data)
{
	struct probe *probe = data;
	char dir[READING_PATH_SIZE];
	for (; probe->component < COMPONENTS_MAX; probe->component++) {
		strcpy(dir, probe->path);
		if (!cut_behind(dir, probe->component))
			break;
		int fd = openat(named_dir_top(), dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		DIR *stream = fd < 0 ? NULL : fdopendir(fd);
		if (stream)
			(void)readdir(stream);
	}
	return 0;
}

bool reading_hangs(pid_t pid, char *ret_path, size_t size)
{
	struct probe probe = { .component = 0 };
	if (!reading_of(pid, 0, probe.path, sizeof(probe.path)))
		return false;
	if (child_run_shared(probe_way, &probe, sizeof(probe), clock_now_us() + PROBE_US) == -ETIMEDOUT)
		(void)cut_behind(probe.path, probe.component);
	if (shared->hung_count < HUNG_MAX)
		strcpy(shared->hung[shared->hung_count++], probe.path);
	snprintf(ret_path, size, "%s", probe.path);
	return true;
}

bool reading_hung_at(size_t index, char *ret, size_t size)
{
	if (!shared || index >= shared->hung_count)
		return false;
	snprintf(ret, size, "%.*s", READING_PATH_SIZE - 1, shared->hung[index]);
	return true;
}

bool reading_is_hung(int dir, const char *path)
{
	char asked[READING_PATH_SIZE];
	if (!shared || shared->hung_count == 0 || !named_dir_path(dir, path, asked, sizeof(asked)))
		return false;
	for (size_t i = 0; i < shared->hung_count; i++) {
		size_t length = strlen(shared->hung[i]);
		if (strncmp(asked, shared->hung[i], length) == 0 && (!asked[length] || asked[length] == '/'))
			return true;
	}
	return false;
}

static bool is_stalled(pid_t pid)
{
	char path[READING_PATH_SIZE];
	return reading_of(pid, STALL_US, path, sizeof(path));
}

int reading_wait(pid_t pid, const volatile uint64_t *until_us, struct relay *relay)
{
	return child_wait_while(pid, until_us, relay, is_stalled);
}
