// SPDX-License-Identifier: GPL-2.0-or-later
#include "tell/lock_note.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/file.h"
#include "base/paths.h"

#define NOTE_SIZE 256

// Always of the same size, in one write: there is no half of it.
void lock_note(int lock, const struct lock_note *note)
{
	char text[NOTE_SIZE + 1];
	int n = snprintf(text, sizeof(text), "%ld %" PRIu64 " %" PRIu64 " %.40s %.90s", (long)getpid(),
			 note->deadline_us, note->step_us, note->run_name, note->step);
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
	    sscanf(text, "%ld %" SCNu64 " %" SCNu64 " %95s %95[^\n]", &pid, &ret->deadline_us, &ret->step_us,
		   ret->run_name, ret->step) != 5)
		return false;
	for (size_t n = strlen(ret->step); n > 0 && ret->step[n - 1] == ' '; n--)
		ret->step[n - 1] = '\0';
	ret->pid = (pid_t)pid;
	return true;
}
