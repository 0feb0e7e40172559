// SPDX-License-Identifier: GPL-2.0-or-later
// "snapshot": what is wanted and the settings, as one small file for the initrd. It decides nothing about the hardware, which
// may be another machine's here.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "command.h"
#include "config.h"
#include "exitcode.h"
#include "file.h"
#include "log.h"
#include "sources.h"

static int write_output(const char *path, const char *text, size_t length)
{
	if (!path)
		return fwrite(text, 1, length, stdout) == length && fflush(stdout) == 0 ? 0 : -EIO;
	CLEANUP_CLOSE int dir = open(path[0] == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? -errno : file_replace(dir, path, text, length, 0644);
}

int command_snapshot(const struct root *root, const struct options *options)
{
	struct config config;
	CLEANUP_FREE char *text = NULL;
	size_t length = 0;

	int r = config_read(&config, root, false);
	if (r == 0)
		r = sources_add_guests(&config, root, UINT64_MAX, !options->root);
	if (r == 0)
		r = config_write_snapshot(&config, &text, &length);
	if (r == 0) {
		config_tell(&config);
		r = write_output(options->output, text, length);
	}
	int code = config.problem_count > 0 ? EXIT_BAD_INPUT : EXIT_ALL_WELL;
	if (r < 0) {
		log_line(LOG_ERR, "%s: cannot be written: %s", options->output ? options->output : "standard output",
			 strerror(-r));
		code = EXIT_INTERNAL;
	}
	config_free(&config);
	return code;
}
