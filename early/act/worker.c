// SPDX-License-Identifier: GPL-2.0-or-later
#include "act/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "act/guard.h"
#include "act/job.h"
#include "act/join_events.h"
#include "act/vf_write.h"
#include "base/output.h"
#include "base/pidfd.h"
#include "base/child.h"
#include "base/clock.h"
#include "base/exitcode.h"
#include "base/file.h"
#include "base/log.h"
#include "base/reading.h"
#include "base/relay.h"
#include "base/terminal.h"
#include "read/boot/past_run.h"
#include "read/config/config.h"
#include "tell/report.h"

#define WORKER_FILE      STATE_DIR "/worker"
#define READY_TIMEOUT_MS 2000
#define END_POLL_MS      10
#define TRIES_MAX        4 // that get more time

// systemd kills what is left of the initrd when it switches to the real root, and everything at shutdown, where a
// process that hangs in the kernel would cost two timeouts of 90 s. An '@' as the first character exempts it (systemd,
// docs/ROOT_STORAGE_DAEMONS.md). For every process that may hang.
static void exempt_from_killing(char **argv)
{
	if (argv[0] && argv[0][0])
		argv[0][0] = '@';
}

// When a process started, in clock ticks: this and the process ID together identify a process.
static unsigned long long start_time(const struct root *root, pid_t pid)
{
	char stat[1024];
	if (file_read_linef(root->proc, stat, sizeof(stat), "%ld/stat", (long)pid) < 0)
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
		log_line(LOG_WARNING,
			 "worker: /run/" WORKER_FILE " cannot be written (%s): 'gvt-early wait' cannot wait for it",
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
		.run_name = COMMAND_BOOT,
		.report = -1,
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
	// The worker closes its end when it is ready; if the worker dies, the kernel closes it.
	struct pollfd ready = { .fd = pipe_fds[0], .events = POLLIN };
	if (poll(&ready, 1, READY_TIMEOUT_MS) == 0)
		log_line(LOG_WARNING, "worker: not ready after %d ms; the boot continues", READY_TIMEOUT_MS);
	close(pipe_fds[0]);
	return EXIT_ALL_WELL;
}

// A step that holds the GPU's lock while it hangs: the driver's probe, and the making of VFs.
static bool locks_gpu(const char *step)
{
	return streq(step, "load i915") || streq(step, "load xe") || starts_with(step, STEP_ENABLE_VFS);
}

// After a deadline. Such a hang leaves the driver bound and the GPU's lock taken.
static void guard_after_hang(const struct root *root, const struct report_closing *end)
{
	struct gpu gpu = { 0 };
	bool of_sriov = streq(end->step, "load xe") || starts_with(end->step, STEP_ENABLE_VFS);
	strcpy(gpu.address, end->gpu);
	if (end->gpu[0])
		gpu_read_driver(&gpu, root);
	// The worker cannot do it any more; without it no VF could be bound to a driver by anybody.
	if (starts_with(end->step, STEP_ENABLE_VFS))
		(void)!vf_autoprobe(root, end->gpu, true);
	if (locks_gpu(end->step) && gpu.driver[0]) {
		int r = guard_quiet_journal(root);
		log_line(LOG_ERR, "guard: %s hangs in %s and holds %s%s", gpu.driver,
			 starts_with(end->step, "load ") ? "its probe" : "the making of virtual functions", end->gpu,
			 r < 0 ? "; journald may hang too" : ", so journald is told not to read kernel messages");
	}
	log_line(
		LOG_ERR,
		"guard: until the driver returns, other programs cannot load i915 or %s (/run/modprobe.d/" GUARD_DENY_NAME
		")",
		of_sriov ? "xe" : "kvmgt");
}

static int code_of_report(const struct root *root)
{
	char result[16];
	if (past_run_read_text(root, COMMAND_BOOT, "result", result, sizeof(result)) < 0)
		return EXIT_ALL_WELL;
	return streq(result, "degraded") ? EXIT_DEGRADED : EXIT_ALL_WELL;
}

// A worker that is not a child of ours. Returns false when it has not ended at the deadline.
static bool wait_for_end(const struct root *root, pid_t pid, unsigned long long start, uint64_t deadline_us)
{
	// The descriptor first, then the look at who it is: the number cannot pass to another process in between.
	CLEANUP_CLOSE int pidfd = pidfd_open(pid, 0);
	struct pollfd ended = { .fd = pidfd, .events = POLLIN };
	while (start_time(root, pid) == start) {
		int left = clock_left_ms(deadline_us), n;
		do // without a descriptor, before Linux 5.3, it is looked for again and again
			n = poll(&ended, 1, pidfd >= 0 || left < END_POLL_MS ? left : END_POLL_MS);
		while (n < 0 && errno == EINTR);
		if (n != 0)
			return true;
		if (clock_left_ms(deadline_us) == 0)
			return false;
	}
	return true;
}

int worker_join(const struct root *root)
{
	char text[128];
	long pid;
	unsigned long long start, started_us, deadline_us;
	if (file_read_line(root->run, WORKER_FILE, text, sizeof(text)) < 0)
		return EXIT_ALL_WELL; // no early stage has run, or it could not write to /run and has said so
	if (sscanf(text, "%ld %llu %llu %llu", &pid, &start, &started_us, &deadline_us) != 4 || pid <= 1) {
		log_line(LOG_ERR, "worker: /run/" WORKER_FILE " is damaged: cannot wait for the worker");
		return EXIT_INTERNAL;
	}
	int r = file_replace(root->run, JOIN_FILE, "", 0, 0644);
	if (r < 0)
		log_line(LOG_WARNING, "worker: /run/" JOIN_FILE " cannot be written: %s", strerror(-r));
	join_events_tell(root);
	uint64_t least = clock_now_us() + JOIN_LEAST_US;
	if (deadline_us < least)
		deadline_us = least;

	if (!wait_for_end(root, (pid_t)pid, start, deadline_us)) {
		struct report_closing end = { .state = "gave-up",
					      .waited_us = clock_now_us() - started_us,
					      .publish = true };
		report_close_for(root, COMMAND_BOOT, -1, &end);
		guard_after_hang(root, &end);
		return EXIT_DEGRADED;
	}
	(void)unlinkat(root->run, WORKER_FILE, 0);
	(void)unlinkat(root->run, JOIN_FILE, 0);
	join_events_end(root);
	guard_lower(root); // the worker is gone, however it went: a crash, or a full /run that has no report

	char state[16];
	if (past_run_read_text(root, COMMAND_BOOT, "state", state, sizeof(state)) == 0 && streq(state, "running")) {
		struct report_closing end = { .state = "crashed",
					      .waited_us = clock_now_us() - started_us,
					      .publish = true };
		report_close_for(root, COMMAND_BOOT, -1, &end);
		return EXIT_INTERNAL;
	}
	return code_of_report(root);
}

// Proxmox VE's lock of a guest must not stay with a process that hangs: otherwise that guest could not be changed any
// more.
static void release_guest_lock(pid_t pid, int fd)
{
	CLEANUP_CLOSE int pidfd = pidfd_open(pid, 0);
	CLEANUP_CLOSE int lock = pidfd < 0 || fd < 0 ? -1 : pidfd_getfd(pidfd, fd, 0);
	if (lock >= 0)
		(void)flock(lock, LOCK_UN);
}

// The job continues after its deadline, although no process reads its output any more.
static int run_job(struct job *job, struct relay *relay, char **argv)
{
	exempt_from_killing(argv);
	relay_in_child(relay);
	child_keep(job->report);
	child_close_others();
	(void)signal(SIGPIPE, SIG_IGN);
	return job_run(job);
}

// Called at the deadline of a run on the running host. If a driver is changing something, the worker may finish that
// step and record what it created. A guest's start does not wait for it: Proxmox VE creates the instance itself then.
static void give_up(const struct root *root, const struct job *job, pid_t pid)
{
	char path[READING_PATH_SIZE], where[READING_PATH_SIZE + 24] = "";
	if (reading_hangs(pid, path, sizeof(path)))
		snprintf(where, sizeof(where), "/%s does not answer", path);
	release_guest_lock(pid, job->guest_lock);
	struct report_closing end = {
		.state = "gave-up",
		.where = where,
		.waited_us = clock_now_us() - job->started_us,
		.publish = job->published || job->guest,
	};
	report_close_for(root, job->run_name, job->report, &end);
	if (job->guest || !report_step_acts(end.step))
		(void)kill(pid, SIGKILL);
}

int worker_run(const struct root *root, unsigned guest, char **argv, char **ret_report)
{
	*ret_report = NULL;
	// Shared, so that the deadline that the job reads from the configuration is known here.
	struct job *job = mmap(NULL, sizeof(*job), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (job == MAP_FAILED) {
		log_line(LOG_ERR, "failed: %s", strerror(errno));
		return EXIT_INTERNAL;
	}
	uint64_t now = clock_now_us();
	*job = (struct job){
		.root = root,
		.run_name = COMMAND_APPLY,
		.report = memfd_create("report", MFD_CLOEXEC),
		.guest = guest,
		.guest_lock = -1,
		.started_us = now,
		.deadline_us = now + DEADLINE_DEFAULT_S * USEC_PER_SEC,
		.ready = no_ready,
	};
	if (guest)
		snprintf(job->run_name, sizeof(job->run_name), RUN_GUEST "%u", guest);
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
		give_up(root, job, pid);
		code = EXIT_DEGRADED;
	}
	(void)!report_read_copy(job->report, ret_report);
	return code < 0 ? EXIT_INTERNAL : code;
}

static int run_function(int (*function)(const void *data), const void *data, struct relay *relay, pid_t parent,
			char **argv)
{
	child_end_with(parent);
	exempt_from_killing(argv);
	relay_in_child(relay);
	child_close_others();
	int code = function(data);
	return fflush(output_stream()) == 0 && !ferror(output_stream()) ? code : EXIT_INTERNAL;
}

// Reports where a process that timed out hangs: "/sys/... does not answer", or what the process does instead.
static void tell_hang(const struct root *root, pid_t pid, uint64_t started_us)
{
	char stat[512], file[READING_PATH_SIZE];
	unsigned long long waited_s = (clock_now_us() - started_us) / USEC_PER_SEC;
	if (reading_hangs(pid, file, sizeof(file))) {
		log_line(LOG_ERR, "no answer within %llu s: /%s does not answer", waited_s, file);
		return;
	}
	(void)reading_last(file, sizeof(file)); // before the next read
	const char *state =
		file_read_linef(root->proc, stat, sizeof(stat), "%d/stat", (int)pid) > 0 ? strrchr(stat, ')') : NULL;
	log_line(LOG_ERR, "no answer within %llu s: %s after reading /%s", waited_s,
		 state && starts_with(state, ") D") ? "blocked in the kernel" : "not finished", file);
}

// Names what the answer lacks. /etc/pve has a message of its own (wanted_sources.h).
static void tell_hung(void)
{
	char path[READING_PATH_SIZE];
	for (size_t i = 0; reading_hung_at(i, path, sizeof(path)); i++)
		if (!starts_with(path, "etc/pve"))
			log_line(LOG_ERR, "/%s does not answer; going on without it", path);
}

// Runs the function once. Returns the exit code, or -EDEADLK if the function has to run again.
static int run_once(const struct root *root, int (*function)(const void *data), const void *data, uint64_t until_us,
		    char **argv)
{
	struct relay relay;
	char path[READING_PATH_SIZE];
	uint64_t started_us = clock_now_us();
	pid_t self = getpid();
	int r = relay_open(&relay);
	relay.hold = true;
	pid_t pid = r < 0 ? -1 : fork();
	if (pid == 0)
		_exit(run_function(function, data, &relay, self, argv));
	if (pid < 0) {
		log_line(LOG_ERR, "failed: %s", strerror(r < 0 ? -r : errno));
		return EXIT_INTERNAL;
	}
	relay_in_parent(&relay);
	int code = reading_wait(pid, &until_us, &relay);
	if (code == -EDEADLK && reading_hangs(pid, path, sizeof(path))) {
		(void)kill(pid, SIGKILL);
		relay_forget(&relay);
		(void)!relay_close(&relay);
		return -EDEADLK;
	}
	tell_hung();
	relay_release(&relay);
	if (code == -ETIMEDOUT || code == -EDEADLK) {
		tell_hang(root, pid, started_us);
		(void)kill(pid, SIGKILL);
		code = EXIT_DEGRADED;
	}
	r = relay_close(&relay);
	if (r < 0)
		log_line(LOG_ERR, "standard output cannot be written: %s", strerror(-r));
	return r < 0 || code < 0 ? EXIT_INTERNAL : code;
}

int worker_bounded(const struct root *root, int (*function)(const void *data), const void *data, uint64_t until_us,
		   char **argv, bool *ret_without)
{
	int code;
	(void)fflush(NULL);
	terminal_remember();
	*ret_without = false;
	for (unsigned tries = 1; (code = run_once(root, function, data, until_us, argv)) == -EDEADLK; tries++) {
		*ret_without = true;
		until_us += tries <= TRIES_MAX ? STALL_US : 0; // what that one has lost
	}
	return code;
}
