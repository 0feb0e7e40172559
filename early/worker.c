// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "child.h"
#include "clock.h"
#include "config.h"
#include "exitcode.h"
#include "file.h"
#include "guard.h"
#include "job.h"
#include "log.h"
#include "relay.h"
#include "report.h"
#include "terminal.h"

#define WORKER_FILE      STATE_DIR "/worker"
#define READY_TIMEOUT_MS 2000

// systemd kills what is left of the initrd when it switches to the real root, and everything at shutdown, where a process
// that hangs in the kernel would cost two timeouts of 90 s. An '@' as the first character exempts it (systemd,
// docs/ROOT_STORAGE_DAEMONS.md). For every process that may hang.
static void exempt_from_killing(char **argv)
{
	if (argv[0] && argv[0][0])
		argv[0][0] = '@';
}

// When a process started, in clock ticks: with the number it names a process for good.
static unsigned long long start_time(const struct root *root, pid_t pid)
{
	char path[32], stat[1024];
	snprintf(path, sizeof(path), "%ld/stat", (long)pid);
	if (file_read_line(root->proc, path, stat, sizeof(stat)) < 0)
		return 0;
	// Field 22; the name in parentheses may hold blanks.
	const char *at = strrchr(stat, ')');
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at, NULL, 10) : 0;
}

static int write_worker_file(const struct root *root, uint64_t started_us, uint64_t deadline_us)
{
	if (root->run < 0)
		return -ENOENT;
	if (mkdirat(root->run, STATE_DIR, 0755) < 0 && errno != EEXIST)
		return -errno;
	char text[128];
	int n = snprintf(text, sizeof(text), "%ld %llu %llu %llu\n", (long)getpid(), start_time(root, getpid()),
			 (unsigned long long)started_us, (unsigned long long)deadline_us);
	return file_replace(root->run, WORKER_FILE, text, (size_t)n, 0644);
}

static void early_ready(struct job *job)
{
	int *ready = job->data;
	child_keep_no_more(*ready);
	int r = write_worker_file(job->root, job->started_us, job->deadline_us);
	if (r < 0)
		log_line(LOG_WARNING, "worker: /run/" WORKER_FILE " cannot be written (%s): it cannot be waited for",
			 strerror(-r));
	job->joinable = r == 0;
	cleanup_close(ready);
	*ready = -1;
}

static void no_ready(struct job *job)
{
	(void)job;
}

// The worker of the early stage outlives the script that started it, and the initrd.
static int early_worker(struct job *job, char **argv)
{
	exempt_from_killing(argv);
	(void)setsid();
	if (chdir("/") < 0)
		log_line(LOG_DEBUG, "worker: chdir: %s", strerror(errno));
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd <= 2 && null >= 0; fd++)
		(void)dup2(null, fd);
	child_close_others();
	static const int ignored[] = { SIGTERM, SIGHUP, SIGINT, SIGPIPE };
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		(void)signal(ignored[i], SIG_IGN);
	(void)write_worker_file(job->root, job->started_us, job->deadline_us); // again when the deadline is known
	return job_run(job);
}

int worker_start(const struct root *root, const char *resume, char **argv)
{
	int pipe_fds[2];
	if (pipe2(pipe_fds, O_CLOEXEC) < 0) {
		log_line(LOG_ERR, "worker: cannot be started: %s", strerror(errno));
		return EXIT_INTERNAL;
	}
	uint64_t now = clock_now_us();
	struct job job = {
		.root = root,
		.command = COMMAND_BOOT,
		.early = true,
		.resume = resume,
		.started_us = now,
		.deadline_us = now + DEADLINE_DEFAULT_S * USEC_PER_SEC,
		.ready = early_ready,
		.data = &pipe_fds[1],
	};
	pid_t pid = fork();
	if (pid == 0) {
		child_keep(pipe_fds[1]);
		_exit(early_worker(&job, argv));
	}
	int error = errno;
	close(pipe_fds[1]);
	if (pid < 0) {
		log_line(LOG_ERR, "worker: cannot be started: %s", strerror(error));
		close(pipe_fds[0]);
		return EXIT_INTERNAL;
	}
	// The worker says that it is ready by closing its end, and by dying as well.
	struct pollfd ready = { .fd = pipe_fds[0], .events = POLLIN };
	if (poll(&ready, 1, READY_TIMEOUT_MS) == 0)
		log_line(LOG_WARNING, "worker: not ready after %d ms; the boot goes on", READY_TIMEOUT_MS);
	close(pipe_fds[0]);
	return EXIT_ALL_WELL;
}

// After a deadline. A hang in i915's probe leaves the driver bound and the GPU's lock taken.
static void give_up(const struct root *root, const char *command, uint64_t started_us)
{
	char step[STEP_NAME_SIZE], address[PCI_ADDRESS_SIZE];
	report_close_for(root, command, "gave-up", clock_now_us() - started_us, step, sizeof(step), address, sizeof(address));
	if (!streq(command, COMMAND_BOOT))
		return; // on the running host nothing was guarded
	struct gpu gpu = { 0 };
	strcpy(gpu.address, address);
	if (address[0])
		gpu_read_driver(&gpu, root);
	if (streq(step, "load i915") && gpu.driver[0]) {
		int r = guard_quiet_journal(root);
		log_line(LOG_ERR, "guard: i915 hangs in its probe and holds %s%s", address,
			 r < 0 ? "; journald may hang too" : ", so journald is told not to read kernel messages");
	}
	log_line(LOG_ERR, "guard: while it hangs nobody else may load i915 or kvmgt (/run/modprobe.d/" GUARD_DENY_NAME
			  ")");
}

static int code_of_report(const struct root *root)
{
	char result[16];
	if (report_read_text(root, COMMAND_BOOT, "result", result, sizeof(result)) < 0)
		return EXIT_ALL_WELL;
	return streq(result, "degraded") ? EXIT_DEGRADED : EXIT_ALL_WELL;
}

int worker_join(const struct root *root)
{
	char text[128];
	long pid;
	unsigned long long start, started_us, deadline_us;
	if (file_read_line(root->run, WORKER_FILE, text, sizeof(text)) < 0)
		return EXIT_ALL_WELL; // no early stage has run, or it could not write to /run and has said so
	if (sscanf(text, "%ld %llu %llu %llu", &pid, &start, &started_us, &deadline_us) != 4 || pid <= 1) {
		log_line(LOG_ERR, "worker: /run/" WORKER_FILE " is damaged: it cannot be waited for");
		return EXIT_INTERNAL;
	}
	int r = file_replace(root->run, JOIN_FILE, "", 0, 0644);
	if (r < 0)
		log_line(LOG_WARNING, "worker: /run/" JOIN_FILE " cannot be written: %s", strerror(-r));
	uint64_t least = clock_now_us() + JOIN_LEAST_US;
	if (deadline_us < least)
		deadline_us = least;

	// The descriptor first, then the look at who it is: the number cannot pass to another process in between.
	CLEANUP_CLOSE int pidfd = pidfd_open((pid_t)pid, 0);
	if (pidfd >= 0 && start_time(root, (pid_t)pid) == start) {
		struct pollfd ended = { .fd = pidfd, .events = POLLIN };
		int left, n;
		do {
			left = clock_left_ms(deadline_us);
			n = poll(&ended, 1, left);
		} while (n < 0 ? errno == EINTR : n == 0 && left > 0);
		if (n <= 0) {
			give_up(root, COMMAND_BOOT, started_us);
			return EXIT_DEGRADED;
		}
	}
	(void)unlinkat(root->run, WORKER_FILE, 0);
	(void)unlinkat(root->run, JOIN_FILE, 0);
	guard_lower(root); // the worker is gone, however it went: a crash, or a full /run that has no report

	char state[16];
	if (report_read_text(root, COMMAND_BOOT, "state", state, sizeof(state)) == 0 && streq(state, "running")) {
		char step[STEP_NAME_SIZE], address[PCI_ADDRESS_SIZE];
		report_close_for(root, COMMAND_BOOT, "crashed", clock_now_us() - started_us, step, sizeof(step), address,
				 sizeof(address));
		return EXIT_INTERNAL;
	}
	return code_of_report(root);
}

// Proxmox VE's lock of a guest must not stay with a process that hangs: nobody could change that guest any more.
static void release_guest_lock(pid_t pid, int fd)
{
	CLEANUP_CLOSE int pidfd = pidfd_open(pid, 0);
	CLEANUP_CLOSE int lock = pidfd < 0 || fd < 0 ? -1 : pidfd_getfd(pidfd, fd, 0);
	if (lock >= 0)
		(void)flock(lock, LOCK_UN);
}

// The job goes on when it is late, though nobody listens to it any more.
static int run_job(struct job *job, struct relay *relay, char **argv)
{
	exempt_from_killing(argv);
	relay_in_child(relay);
	child_close_others();
	(void)signal(SIGPIPE, SIG_IGN);
	return job_run(job);
}

int worker_run(const struct root *root, unsigned guest, char **argv)
{
	// Shared, so that the deadline that the job reads from the configuration is known here.
	struct job *job = mmap(NULL, sizeof(*job), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (job == MAP_FAILED) {
		log_line(LOG_ERR, "failed: %s", strerror(errno));
		return EXIT_INTERNAL;
	}
	uint64_t now = clock_now_us();
	*job = (struct job){
		.root = root,
		.command = guest ? COMMAND_GUEST : COMMAND_APPLY,
		.guest = guest,
		.guest_lock = -1,
		.started_us = now,
		.deadline_us = now + DEADLINE_DEFAULT_S * USEC_PER_SEC,
		.ready = no_ready,
	};
	struct relay relay;
	int r = relay_open(&relay);
	pid_t pid = r < 0 ? -1 : fork();
	if (pid == 0)
		_exit(run_job(job, &relay, argv));
	if (pid < 0) {
		log_line(LOG_ERR, "failed: %s", strerror(r < 0 ? -r : errno));
		return EXIT_INTERNAL;
	}
	relay_in_parent(&relay);
	int code = child_wait(pid, &job->deadline_us, &relay);
	(void)!relay_close(&relay); // what it prints is for standard error
	if (code == -ETIMEDOUT) {
		release_guest_lock(pid, job->guest_lock);
		give_up(root, job->command, job->started_us);
		return EXIT_DEGRADED;
	}
	return code < 0 ? EXIT_INTERNAL : code;
}

static int run_function(int (*function)(const void *data), const void *data, struct relay *relay, pid_t parent, char **argv)
{
	child_end_with(parent);
	exempt_from_killing(argv);
	relay_in_child(relay);
	child_close_others();
	int code = function(data);
	return fflush(stdout) == 0 && !ferror(stdout) ? code : EXIT_INTERNAL;
}

int worker_bounded(int (*function)(const void *data), const void *data, uint64_t until_us, char **argv)
{
	struct relay relay;
	pid_t self = getpid();
	(void)fflush(NULL);
	terminal_remember();
	int r = relay_open(&relay);
	pid_t pid = r < 0 ? -1 : fork();
	if (pid == 0)
		_exit(run_function(function, data, &relay, self, argv));
	if (pid < 0) {
		log_line(LOG_ERR, "failed: %s", strerror(r < 0 ? -r : errno));
		return EXIT_INTERNAL;
	}
	relay_in_parent(&relay);
	int code = child_wait(pid, &until_us, &relay);
	if (code == -ETIMEDOUT) {
		(void)kill(pid, SIGKILL);
		log_line(LOG_ERR, "the kernel does not answer: a driver hangs; given up");
		code = EXIT_DEGRADED;
	}
	return relay_close(&relay) < 0 || code < 0 ? EXIT_INTERNAL : code;
}
