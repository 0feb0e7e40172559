// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include <poll.h>
#include <sys/stat.h>

#include "act/join_events.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/paths.h"

static bool is_readable(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	return poll(&poll_fd, 1, 0) == 1;
}

static void being_told(void **state)
{
	struct tree *tree = *state;
	assert_true(join_events_open(&tree->root) < 0); // there is no directory yet
	tree_put(tree, "run/" STATE_DIR "/other", "");
	join_events_tell(&tree->root); // nobody is there
	int fd = join_events_open(&tree->root);
	assert_true(fd >= 0);
	assert_false(is_readable(fd));
	join_events_tell(&tree->root);
	assert_true(is_readable(fd));
	uint64_t begun = clock_now_us();
	join_events_wait(fd, 20000);
	assert_true(clock_now_us() - begun < 10 * USEC_PER_SEC);
	assert_false(is_readable(fd)); // the next one waits again
	join_events_wait(fd, 0);
	close(fd);
	join_events_end(&tree->root);
	assert_false(file_exists(tree->root.run, STATE_DIR "/wake"));
}

// A worker that was killed leaves its FIFO, and something else may lie there: nobody is held up by it, and nothing is
// written into it.
static void nobody_listens(void **state)
{
	struct tree *tree = *state;
	tree_put(tree, "run/" STATE_DIR "/other", "");
	int fd = join_events_open(&tree->root);
	assert_true(fd >= 0);
	close(fd);
	join_events_tell(&tree->root);
	join_events_end(&tree->root);
	tree_put(tree, "run/" STATE_DIR "/wake", "text");
	join_events_tell(&tree->root);
	assert_string_equal(tree_get(tree, "run/" STATE_DIR "/wake"), "text");
}

static void without_a_descriptor(void **state)
{
	(void)state;
	uint64_t begun = clock_now_us();
	join_events_wait(-1, 20);
	assert_true(clock_now_us() - begun >= 10 * USEC_PER_MSEC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(being_told),
		tree_test(nobody_listens),
		tree_test(without_a_descriptor),
	};
	return run_group(tests);
}
