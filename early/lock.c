// SPDX-License-Identifier: GPL-2.0-or-later
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "clock.h"
#include "file.h"
#include "report.h"

#define LOCK_FILE    STATE_DIR "/lock"
#define LOCK_POLL_MS 20 // flock has no bounded wait
#define NOTE_SIZE    256

int lock_take(const struct root *root, uint64_t until_us)
{
	if (root->run < 0)
		return -ENOENT;
	if (mkdirat(root->run, STATE_DIR, 0755) < 0 && errno != EEXIST)
		return -errno;
	int fd = openat(root->run, LOCK_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int error = errno;
		if (error != EINTR && (error != EWOULDBLOCK || clock_left_ms(until_us) == 0)) {
			close(fd);
			return -error;
		}
		(void)poll(NULL, 0, LOCK_POLL_MS);
	}
	(void)!ftruncate(fd, 0); // what it says is of an earlier holder
	return fd;
}

void lock_give_back(int *lock)
{
	if (*lock >= 0)
		(void)!ftruncate(*lock, 0);
	cleanup_close(lock);
}

// Always of the same size, in one write: there is no half of it.
void lock_note(int lock, const struct lock_note *note)
{
	char text[NOTE_SIZE + 1];
	int n = snprintf(text, sizeof(text), "%ld %" PRIu64 " %" PRIu64 " %.40s %.90s", (long)getpid(), note->deadline_us, note->step_us,
			 note->run, note->step);
	if (n < 0 || n >= NOTE_SIZE)
		return;
	memset(text + n, ' ', NOTE_SIZE - 1 - (size_t)n);
	text[NOTE_SIZE - 1] = '\n';
	(void)!pwrite(lock, text, NOTE_SIZE, 0);
}

bool lock_read_holder(const struct root *root, struct lock_holder *ret)
{
	char text[NOTE_SIZE + 2];
	long pid;
	*ret = (struct lock_holder){ .pid = 0 };
	if (file_read_line(root->run, LOCK_FILE, text, sizeof(text)) <= 0 ||
	    sscanf(text, "%ld %" SCNu64 " %" SCNu64 " %95s %95[^\n]", &pid, &ret->deadline_us, &ret->step_us, ret->run, ret->step) != 5)
		return false;
	for (size_t n = strlen(ret->step); n > 0 && ret->step[n - 1] == ' '; n--)
		ret->step[n - 1] = '\0';
	ret->pid = (pid_t)pid;
	return true;
}
