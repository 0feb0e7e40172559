// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include <signal.h>

#include "base/child.h"
#include "base/clock.h"

static bool without_pidfd; // as before Linux 5.3

int __real_pidfd_open(pid_t pid, unsigned flags);
int __wrap_pidfd_open(pid_t pid, unsigned flags);
int __wrap_pidfd_open(pid_t pid, unsigned flags)
{
	errno = ENOSYS;
	return without_pidfd ? -1 : __real_pidfd_open(pid, flags);
}

static int give(void *data)
{
	return *(int *)data;
}

static int crash(void *data)
{
	(void)data;
	(void)signal(SIGTERM, SIG_DFL);
	return raise(SIGTERM);
}

static int hang(void *data)
{
	(void)data;
	while (pause() < 0)
		;
	return 0;
}

static int hang_and_tell(void *data)
{
	int *pids = data;
	pids[1] = getpid();
	return hang(NULL);
}

// Ended, and not yet waited for by whoever is its parent now.
static bool is_zombie(pid_t pid)
{
	char path[64], text[256] = "";
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "re");
	bool zombie = file && fgets(text, sizeof(text), file) && strstr(text, ") Z ");
	if (file)
		fclose(file);
	return zombie;
}

// Nobody who reads our output waits for a child that hangs.
static int look_at_output(void *data)
{
	struct stat ours, null;
	(void)data;
	for (int fd = 0; fd <= 2; fd++)
		if (fstat(fd, &ours) < 0 || stat("/dev/null", &null) < 0 || ours.st_rdev != null.st_rdev)
			return 1;
	return 0;
}

static int fds[4];

// Which of the descriptors are open in the child, as bits.
static int look_at_descriptors(void *data)
{
	int open_there = 0;
	(void)data;
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		open_there |= (fcntl(fds[i], F_GETFD) >= 0) << i;
	return open_there;
}

static uint64_t in_ms(unsigned ms)
{
	return clock_now_us() + ms * USEC_PER_MSEC;
}

static void results(void **state)
{
	(void)state;
	for (int code = 0; code < 3; code++)
		assert_int_equal(child_run(give, &code, in_ms(60000)), code);
	assert_int_equal(child_run(crash, NULL, in_ms(60000)), -EIO);
	assert_int_equal(child_run(look_at_output, NULL, in_ms(60000)), 0);
}

// A lock or a pipe that a child holds stays held when it hangs.
static void no_descriptor_of_ours(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = open("/dev/null", O_RDONLY); // inherited by programs, too
		assert_true(fds[i] >= 3);
	}
	assert_int_equal(child_run(look_at_descriptors, NULL, in_ms(5000)), 0);
	child_keep(fds[2]);
	child_keep(fds[0]);
	child_keep(-1);
	assert_int_equal(child_run(look_at_descriptors, NULL, in_ms(5000)), 1 + 4);
	child_keep(fds[3]);
	child_keep_no_more(fds[0]);
	child_keep_no_more(fds[0]);
	assert_int_equal(child_run(look_at_descriptors, NULL, in_ms(5000)), 4 + 8);
	child_keep_no_more(fds[2]);
	child_keep_no_more(fds[3]);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
}

// A child that is given up takes its own children with it.
static int have_a_child(void *data)
{
	int *pids = data;
	pids[0] = getpid();
	return child_run(hang_and_tell, pids, in_ms(20000));
}

static void children_of_children(void **state)
{
	(void)state;
	int pids[2] = { 0 };
	assert_int_equal(child_run_shared(have_a_child, pids, sizeof(pids), in_ms(1000)), -ETIMEDOUT);
	assert_true(pids[0] > 0 && pids[1] > 0);
	for (int i = 0; i < 5000 && kill(pids[1], 0) == 0 && !is_zombie(pids[1]); i++)
		usleep(1000);
	assert_true(kill(pids[1], 0) < 0 || is_zombie(pids[1]));
}

static void too_late(void **state)
{
	(void)state;
	uint64_t started = clock_now_us();
	assert_int_equal(child_run(hang, NULL, in_ms(200)), -ETIMEDOUT);
	uint64_t took = clock_now_us() - started;
	assert_true(took >= 190 * USEC_PER_MSEC);
}

static void an_old_kernel(void **state)
{
	uint64_t started = clock_now_us();
	without_pidfd = true;
	results(state);
	assert_true(clock_now_us() - started < 4000 * USEC_PER_MSEC); // and not until the limit
	too_late(state);
	without_pidfd = false;
}

struct shared {
	int first, second;
	bool hangs;
};

static int write_both(void *data)
{
	struct shared *shared = data;
	shared->first = 1;
	while (shared->hangs)
		(void)pause();
	shared->second = 2;
	return 3;
}

// What was written is there; of a child that hangs, what it had written before.
static void shared_data(void **state)
{
	(void)state;
	struct shared whole = { .second = 7 }, part = { .second = 7, .hangs = true };
	assert_int_equal(child_run_shared(write_both, &whole, sizeof(whole), in_ms(60000)), 3);
	assert_int_equal(whole.first, 1);
	assert_int_equal(whole.second, 2);
	assert_int_equal(child_run_shared(write_both, &part, sizeof(part), in_ms(1000)), -ETIMEDOUT);
	assert_int_equal(part.first, 1);
	assert_int_equal(part.second, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results),
		cmocka_unit_test(no_descriptor_of_ours),
		cmocka_unit_test(children_of_children),
		cmocka_unit_test(too_late),
		cmocka_unit_test(an_old_kernel),
		cmocka_unit_test(shared_data),
	};
	return run_group(tests);
}
