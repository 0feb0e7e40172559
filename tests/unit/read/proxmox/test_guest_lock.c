// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/file.h"
#include "read/proxmox/guest_lock.h"

#define LOCK_DIR "run/lock/qemu-server"
#define LOCK     LOCK_DIR "/lock-100.conf"

static struct tree *tree;

// With the real /proc, whose locks are those of this machine.
static int setup(void **state)
{
	(void)tree_setup(state);
	tree = *state;
	close(tree->root.proc);
	tree->root.proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	file_set_place(
		&(struct file_place){ .top = -1, .kernel = { -1, tree->root.proc }, .proc = tree->root.own_proc });
	return 0;
}

static int take(void)
{
	int fd = openat(tree->root.fs, LOCK, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	return fd;
}

static void no_host_of_proxmox(void **state)
{
	(void)state;
	int fd = 0;
	assert_equal(guest_lock_try(&tree->root, 100, &fd), GUEST_LOCKED);
	assert_int_equal(fd, -1);
	assert_int_equal(faccessat(tree->root.fs, LOCK_DIR, F_OK, 0), -1); // nothing is made
}

static void free_lock(void **state)
{
	(void)state;
	int fd, other;
	tree_dir(tree, LOCK_DIR);
	assert_equal(guest_lock_try(&tree->root, 100, &fd), GUEST_LOCKED);
	assert_true(fd >= 0);
	other = openat(tree->root.fs, LOCK, O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(other, LOCK_EX | LOCK_NB), -1);
	close(fd);
	assert_int_equal(flock(other, LOCK_EX | LOCK_NB), 0);
	close(other);
}

// As a hookscript's call: Proxmox VE's process holds the lock, the script is its child, the program the script's.
static void held_by_an_ancestor(void **state)
{
	(void)state;
	tree_dir(tree, LOCK_DIR);
	int held = take(), status;
	pid_t script = fork();
	if (script == 0) {
		pid_t program = fork();
		if (program == 0) {
			int fd;
			_exit(guest_lock_try(&tree->root, 100, &fd) == GUEST_OURS && fd == -1 ? 0 : 1);
		}
		_exit(waitpid(program, &status, 0) == program && WIFEXITED(status) ? WEXITSTATUS(status) : 2);
	}
	assert_int_equal(waitpid(script, &status, 0), script);
	assert_int_equal(status, 0);
	close(held);
}

static void held_by_somebody_else(void **state)
{
	(void)state;
	int ready[2], fd;
	char byte;
	tree_dir(tree, LOCK_DIR);
	assert_int_equal(pipe(ready), 0);
	pid_t other = fork();
	if (other == 0) {
		int held = openat(tree->root.fs, LOCK, O_RDWR | O_CREAT, 0644);
		if (flock(held, LOCK_EX) == 0 && write(ready[1], "", 1) == 1)
			pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_equal(guest_lock_try(&tree->root, 100, &fd), GUEST_BUSY);
	assert_int_equal(fd, -1);
	assert_equal(guest_lock_try(&tree->root, 101, &fd), GUEST_LOCKED); // each guest has its own
	close(fd);
	kill(other, SIGKILL);
	assert_int_equal(waitpid(other, NULL, 0), other);
	close(ready[0]);
	close(ready[1]);
}

// Waits for it, for as long as no machine needs.
static bool is_free_again(void)
{
	int other = openat(tree->root.fs, LOCK, O_RDWR | O_CLOEXEC);
	bool taken = false;
	for (int tries = 0; tries < 500 && !taken; tries++)
		taken = flock(other, LOCK_EX | LOCK_NB) == 0 || poll(NULL, 0, 20) < 0;
	close(other);
	return taken;
}

// Whoever has it hangs: it is given back for him at the moment that was named.
static void given_back_for_one_that_hangs(void **state)
{
	(void)state;
	struct guest_lock_watch watch;
	int ready[2], fd;
	char byte;
	tree_dir(tree, LOCK_DIR);
	assert_int_equal(pipe(ready), 0);
	pid_t worker = fork();
	if (worker == 0) {
		if (guest_lock_try(&tree->root, 100, &fd) == GUEST_LOCKED &&
		    guest_lock_watch(&watch, fd, clock_now_us() + 50 * USEC_PER_MSEC) == 0 &&
		    write(ready[1], "", 1) == 1)
			for (;;)
				pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	bool free_again = is_free_again(), hangs = waitpid(worker, NULL, WNOHANG) == 0;
	kill(worker, SIGKILL);
	assert_true(free_again);
	assert_true(hangs);
	assert_int_equal(waitpid(worker, NULL, 0), worker);
	close(ready[0]);
	close(ready[1]);
}

// Nobody hangs: the watch keeps nothing, neither when it is ended nor when who started it dies.
static void watch_that_ends(void **state)
{
	(void)state;
	struct guest_lock_watch watch;
	int fd;
	tree_dir(tree, LOCK_DIR);
	assert_equal(guest_lock_try(&tree->root, 100, &fd), GUEST_LOCKED);
	assert_int_equal(guest_lock_watch(&watch, fd, UINT64_MAX), 0);
	guest_lock_watch_end(&watch);
	guest_lock_give_back(fd);
	assert_true(is_free_again());
	assert_equal(guest_lock_try(&tree->root, 100, &fd), GUEST_LOCKED);
	assert_int_equal(guest_lock_watch(&watch, fd, UINT64_MAX), 0);
	guest_lock_give_back(fd); // with the watch still there
	assert_true(is_free_again());
	guest_lock_watch_end(&watch);
	pid_t worker = fork();
	if (worker == 0)
		_exit(guest_lock_try(&tree->root, 100, &fd) != GUEST_LOCKED ||
		      guest_lock_watch(&watch, fd, UINT64_MAX) < 0);
	assert_int_equal(waitpid(worker, NULL, 0), worker);
	assert_true(is_free_again());
	assert_int_equal(guest_lock_watch(&watch, -1, 0), 0); // no lock: nothing
	guest_lock_watch_end(&watch);
}

// Everybody may make directories in /run/lock, and links.
static void not_proxmox_at_all(void **state)
{
	(void)state;
	int fd;
	tree_dir(tree, LOCK_DIR);
	int held = take();
	assert_int_equal(fchmodat(tree->root.fs, LOCK_DIR, 0777, 0), 0);
	assert_equal(guest_lock_try(&tree->root, 100, &fd), GUEST_LOCKED);
	assert_int_equal(fd, -1);
	assert_int_equal(fchmodat(tree->root.fs, LOCK_DIR, 0755, 0), 0);
	tree->root.owner++;
	assert_equal(guest_lock_try(&tree->root, 100, &fd), GUEST_LOCKED);
	assert_int_equal(fd, -1);
	tree->root.owner--;
	tree_link(tree, LOCK_DIR "/lock-101.conf", "/dev/null");
	assert_equal(guest_lock_try(&tree->root, 101, &fd), GUEST_LOCKED);
	assert_int_equal(fd, -1);
	close(held);
}

#define lock_test(function) cmocka_unit_test_setup_teardown(function, setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		lock_test(no_host_of_proxmox),  lock_test(free_lock),
		lock_test(held_by_an_ancestor), lock_test(held_by_somebody_else),
		lock_test(not_proxmox_at_all),  lock_test(given_back_for_one_that_hangs),
		lock_test(watch_that_ends),
	};
	return run_group(tests);
}
