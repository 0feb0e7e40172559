// SPDX-License-Identifier: GPL-2.0-or-later
#include "tell/report.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/errno_name.h"
#include "base/build.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/log.h"
#include "read/boot/past_run.h"
#include "read/boot/run_journal.h"
#include "tell/finding_data.h"
#include "tell/lock_note.h"
#include "tell/words.h"

#define TURN_FILE    STATE_DIR "/reports.lock"
#define TURN_WAIT_US USEC_PER_SEC // the holder only writes a file in memory
#define TURN_POLL_MS 2
#define FILE_US      USEC_PER_SEC // a step later than this after the last writing of the file writes it again

struct report {
	const struct root *root;
	const char *run_name;
	json_t *json;
	enum severity severity;
	int copy;           // in memory, or -1
	int lock;           // whose file has the current step, or -1
	int journal;        // run_journal.h, or -1
	off_t copy_end;     // of what is in memory
	uint64_t filed_us;  // when the file was written last, 0 for never
	size_t noted_steps; // that stand in the journal
	bool published;
	bool finished;
	bool unwritable; // told already
	bool unsaved;    // it has more than what was saved
	// Since the journal's last line: what stands above the steps; instances and virtual functions.
	bool head_changed, lists_changed;
	char step[STEP_NAME_SIZE];
	uint64_t step_us;
	const char *cause; // why it fails, or NULL
	int error;         // likewise: a negative errno, or 0
};

static void set_text(json_t *object, const char *key, const char *value)
{
	json_object_set_new(object, key, json_text(value));
}

static void set_time(json_t *object, const char *key, uint64_t value)
{
	json_object_set_new(object, key, json_integer((json_int_t)value));
}

// A worker that returns late and the process that has timed out on it must not overwrite each other's report. Returns a
// descriptor to close, or -1: then the report is written without this lock.
static int take_turn(const struct root *root)
{
	uint64_t until_us = clock_now_us() + TURN_WAIT_US;
	int fd = root->run < 0 ? -1 : openat(root->run, TURN_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if ((errno != EWOULDBLOCK && errno != EINTR) || clock_left_ms(until_us) == 0)
			break;
		(void)poll(NULL, 0, TURN_POLL_MS);
	}
	return fd;
}

static int make_dir(const struct root *root)
{
	if (root->run < 0)
		return -ENOENT;
	return mkdirat(root->run, STATE_DIR, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

static int save(const struct root *root, const char *run_name, const char *dump)
{
	char file[PAST_RUN_FILE_SIZE];
	past_run_file(run_name, file);
	return file_replace(root->run, file, dump, strlen(dump), 0644);
}

// Returns its length.
static off_t save_copy(int copy, const char *dump)
{
	size_t length = strlen(dump);
	if (copy >= 0 && pwrite(copy, dump, length, 0) == (ssize_t)length)
		(void)!ftruncate(copy, (off_t)length);
	return (off_t)length;
}

static void tell_unwritable(const char *run_name, int error)
{
	char file[PAST_RUN_FILE_SIZE];
	past_run_file(run_name, file);
	log_line(LOG_WARNING, "report: /run/%s cannot be written: %s", file, strerror(-error));
}

// A late worker may have been reported as timed out; the report must not say that all is well before it is.
static void stay_given_up(struct report *report)
{
	char state[16];
	uint64_t deadline_us = (uint64_t)json_integer_value(json_object_get(report->json, "deadline_us"));
	if (report->finished || clock_left_ms(deadline_us) > 0)
		return;
	bool given_up = past_run_read_text(report->root, report->run_name, "state", state, sizeof(state)) == 0 &&
		streq(state, "gave-up");
	set_text(report->json, "state", given_up ? "gave-up" : "running");
	set_text(report->json, "result", given_up ? "degraded" : "");
}

// All of it: into the file once it is published, and in memory.
static void write_whole(struct report *report)
{
	if (report->copy < 0 && !report->published)
		return;
	int r = report->published ? make_dir(report->root) : 0;
	CLEANUP_CLOSE int turn = report->published && r == 0 ? take_turn(report->root) : -1;
	if (report->published)
		stay_given_up(report);
	CLEANUP_FREE char *dump = json_dumps(report->json, JSON_INDENT(1));
	if (!dump)
		return;
	report->copy_end = save_copy(report->copy, dump);
	if (r == 0 && report->published)
		r = save(report->root, report->run_name, dump);
	if (r < 0 && !report->unwritable) {
		report->unwritable = true;
		tell_unwritable(report->run_name, r);
	}
	report->filed_us = clock_now_us();
}

static void copy_keys(json_t *to, const json_t *from, const char *const keys[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		json_object_set(to, keys[i], json_object_get(from, keys[i])); // without one nothing happens
}

// What has changed since the last line, as the journal has it.
static char *next_line(struct report *report)
{
	static const char *const always[] = { "started_us", "current" };
	static const char *const head[] = { "deadline_us", "boot_id", "kernel", "gpu", "snapshot", "i915_loaded_by" };
	static const char *const lists[] = { "instances", "vfs" };
	json_t *line = json_object(), *more = json_array(), *steps = json_object_get(report->json, "steps");
	copy_keys(line, report->json, always, ARRAY_SIZE(always));
	if (report->head_changed)
		copy_keys(line, report->json, head, ARRAY_SIZE(head));
	if (report->lists_changed)
		copy_keys(line, report->json, lists, ARRAY_SIZE(lists));
	for (size_t i = report->noted_steps; i < json_array_size(steps); i++)
		json_array_append(more, json_array_get(steps, i));
	json_object_set_new(line, "from", json_integer((json_int_t)report->noted_steps));
	json_object_set_new(line, "steps", more);
	char *text = json_dumps(line, JSON_COMPACT);
	json_decref(line);
	return text;
}

static void open_journal(struct report *report)
{
	char file[RUN_JOURNAL_FILE_SIZE];
	if (report->journal >= 0 || !report->published || report->root->run < 0)
		return;
	run_journal_file(report->run_name, file);
	report->journal = openat(report->root->run, file, // whatever lies there, this must not wait for it
				 O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);
}

// Returns false when the journal could not be written.
static bool write_line(struct report *report)
{
	char *text = next_line(report), *line = NULL;
	bool written = false;
	if (text && asprintf(&line, "\n%s\n", text) > 0) {
		size_t length = strlen(line);
		open_journal(report);
		if (report->copy >= 0 && pwrite(report->copy, line, length, report->copy_end) == (ssize_t)length)
			report->copy_end += (off_t)length;
		written = report->journal >= 0 && write(report->journal, line, length) == (ssize_t)length;
		report->noted_steps = json_array_size(json_object_get(report->json, "steps"));
		report->head_changed = report->lists_changed = false;
		free(line);
	}
	free(text);
	return written;
}

// A line, and the file as well when it is old, when there is no journal, and when nobody reads lines any more: after
// the deadline, when another process may have closed the report.
static void report_save(struct report *report)
{
	report->unsaved = false;
	bool written = write_line(report);
	uint64_t deadline_us = (uint64_t)json_integer_value(json_object_get(report->json, "deadline_us"));
	if (report->published &&
	    (!written || clock_now_us() - report->filed_us >= FILE_US || clock_left_ms(deadline_us) == 0))
		write_whole(report);
}

static void end_journal(struct report *report)
{
	char file[RUN_JOURNAL_FILE_SIZE];
	if (report->journal < 0)
		return;
	run_journal_file(report->run_name, file);
	(void)unlinkat(report->root->run, file, 0);
	cleanup_close(&report->journal);
	report->journal = -1;
}

static void set_current(struct report *report)
{
	json_t *current = json_object();
	set_text(current, "name", report->step);
	set_time(current, "at_us", report->step_us);
	json_object_set_new(report->json, "current", current);
	if (report->lock >= 0)
		lock_note(report->lock,
			  &(struct lock_note){ .deadline_us = (uint64_t)json_integer_value(
						       json_object_get(report->json, "deadline_us")),
					       .step_us = report->step_us,
					       .run_name = report->run_name,
					       .step = report->step });
}

struct report *report_new(const struct root *root, const char *run_name, uint64_t deadline_us, int copy)
{
	struct report *report = calloc(1, sizeof(*report));
	json_t *json = json_object();
	if (!report || !json) {
		free(report);
		json_decref(json);
		return NULL;
	}
	report->root = root;
	report->run_name = run_name;
	report->json = json;
	report->copy = copy;
	report->lock = -1;
	report->journal = -1;
	json_object_set_new(json, "version", json_integer(REPORT_VERSION));
	set_text(json, "program", "gvt-early");
	set_text(json, "release", build_release());
	set_text(json, "build_id", build_id());
	set_text(json, "command", starts_with(run_name, RUN_GUEST) ? COMMAND_GUEST : run_name);
	set_text(json, "boot_id", "");
	set_text(json, "kernel", "");
	set_text(json, "state", "running");
	set_text(json, "result", "");
	set_text(json, "gpu", "");
	set_text(json, "i915_loaded_by", "");
	set_text(json, "snapshot", "");
	set_time(json, "started_us", clock_now_us());
	set_time(json, "deadline_us", deadline_us);
	json_object_set_new(json, "steps", json_array());
	json_object_set_new(json, "instances", json_array());
	snprintf(report->step, sizeof(report->step), "read configuration");
	report->step_us = clock_now_us();
	set_current(report);
	write_whole(report);
	return report;
}

void report_publish(struct report *report)
{
	if (report->published)
		return;
	report->published = true;
	write_whole(report);
}

void report_note_steps(struct report *report, int lock)
{
	report->lock = lock;
	if (json_object_get(report->json, "current"))
		set_current(report);
}

void report_free(struct report *report)
{
	if (!report)
		return;
	cleanup_close(&report->journal);
	json_decref(report->json);
	free(report);
}

void report_host(struct report *report, const struct host *host)
{
	set_text(report->json, "boot_id", host->boot_id);
	set_text(report->json, "kernel", host->release);
	report->head_changed = true;
}

void report_deadline(struct report *report, uint64_t deadline_us)
{
	set_time(report->json, "deadline_us", deadline_us);
	report->head_changed = true;
}

static void set_cause(const struct report *report, json_t *object)
{
	if (report->cause)
		set_text(object, "cause", report->cause);
	if (report->error)
		set_text(object, "errno", errno_name(-report->error));
}

static json_t *add_step(json_t *json, const char *name, enum severity severity, const char *detail, uint64_t at_us,
			uint64_t duration_us)
{
	json_t *step = json_object();
	set_text(step, "name", name);
	set_text(step, "result", severity_name(severity));
	set_text(step, "detail", detail);
	set_time(step, "at_us", at_us);
	set_time(step, "duration_us", duration_us);
	json_array_append_new(json_object_get(json, "steps"), step);
	return step;
}

// Under "quiet" only LOG_ERR reaches the screen: so only faults have this level.
static int log_level(enum severity severity)
{
	return severity >= SEVERITY_WARNING ? LOG_ERR : LOG_INFO;
}

void report_begin(struct report *report, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(report->step, sizeof(report->step), format, args);
	va_end(args);
	report->step_us = clock_now_us();
	set_current(report);
	report_save(report);
}

void report_cause(struct report *report, const char *cause, int error)
{
	report->cause = cause;
	report->error = error;
}

void report_read_step(struct report *report, const char *name)
{
	report_begin(report, "%s", name);
}

bool report_step_acts(const char *step)
{
	static const char *const verbs[] = { "load ", "create ", "remove ", STEP_ENABLE_VFS, "bind " };
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (starts_with(step, verbs[i]))
			return true;
	return false;
}

void report_end(struct report *report, enum severity severity, const char *format, ...)
{
	uint64_t duration = clock_now_us() - report->step_us;
	char detail[TEXT_SIZE];
	va_list args;
	va_start(args, format);
	vsnprintf(detail, sizeof(detail), format, args);
	va_end(args);

	if (severity > report->severity)
		report->severity = severity;
	log_line(log_level(severity), "%s: %s (%llu ms)", report->step, detail,
		 (unsigned long long)(duration / USEC_PER_MSEC));
	json_object_del(report->json, "current");
	set_cause(report, add_step(report->json, report->step, severity, detail, report->step_us, duration));
	report_cause(report, NULL, 0);
	report->unsaved = true;
}

void report_finding(struct report *report, const struct finding *finding)
{
	if (finding->severity > report->severity)
		report->severity = finding->severity;
	char text[SENTENCE_SIZE];
	finding_text(finding, text, sizeof(text));
	log_line(log_level(finding->severity), "%s: %s", finding->name, text);
	json_object_del(report->json, "current");
	finding_add_data(add_step(report->json, finding->name, finding->severity, text, clock_now_us(), 0), finding);
	report->unsaved = true;
}

void report_flush(struct report *report)
{
	if (report->unsaved)
		report_save(report);
}

void report_loader(struct report *report, const char *loader)
{
	set_text(report->json, "i915_loaded_by", loader);
	report->head_changed = true;
}

void report_snapshot(struct report *report, const char *id)
{
	set_text(report->json, "snapshot", id);
	report->head_changed = true;
}

// Only where any are wanted.
static void plan_vfs(struct report *report, const struct vf_plan *plan, const struct host *host)
{
	if (plan->count == 0)
		return;
	json_t *list = json_array();
	for (size_t i = 0; i < plan->count; i++) {
		const struct planned_pf *pf = &plan->pfs[i];
		for (size_t n = 0; n < pf->vf_count; n++) {
			const struct planned_vf *planned = &pf->vfs[n];
			json_t *vf = json_object();
			set_text(vf, "address", planned->address);
			set_text(vf, "parent", host->gpus.items[pf->gpu].address);
			json_object_set_new(vf, "number", json_integer(planned->number));
			set_text(vf, "source", planned->claim ? planned->claim->source : pf->source);
			set_text(vf, "driver", "");
			set_text(vf, "result", "pending");
			set_text(vf, "detail", "");
			json_array_append_new(list, vf);
		}
	}
	json_object_set_new(report->json, "vfs", list);
}

void report_plan(struct report *report, const struct plan *plan, const struct host *host)
{
	const struct gpu *gpu = gpu_list_default(&host->gpus);
	set_text(report->json, "gpu", gpu ? gpu->address : "");
	json_t *instances = json_object_get(report->json, "instances");
	json_array_clear(instances);
	for (size_t i = 0; i < plan->instance_count; i++) {
		const struct planned_instance *item = &plan->instances[i];
		json_t *instance = json_object();
		set_text(instance, "uuid", item->wanted->uuid);
		set_text(instance, "type", item->wanted->type);
		set_text(instance, "parent", item->parent);
		set_text(instance, "source", item->wanted->source);
		set_text(instance, "result", "pending");
		set_text(instance, "detail", "");
		json_array_append_new(instances, instance);
	}
	plan_vfs(report, &plan->vfs, host);
	report->head_changed = report->lists_changed = true;
	report_save(report);
}

void report_parent(struct report *report, size_t index, const char *parent)
{
	set_text(json_array_get(json_object_get(report->json, "instances"), index), "parent", parent);
	report->lists_changed = true;
}

void report_instance(struct report *report, size_t index, const char *result, const char *detail)
{
	json_t *instance = json_array_get(json_object_get(report->json, "instances"), index);
	set_text(instance, "result", result);
	set_text(instance, "detail", detail);
	set_cause(report, instance);
	if (streq(result, "created"))
		set_time(instance, "made_at_us", clock_now_us());
	report->lists_changed = true;
	// The end of the current step saves it.
}

void report_vf(struct report *report, const char *address, const char *result, const char *driver, const char *detail)
{
	size_t index;
	json_t *vf;
	json_array_foreach(json_object_get(report->json, "vfs"), index, vf)
	{
		const char *there = json_string_value(json_object_get(vf, "address"));
		if (!there || !streq(there, address))
			continue;
		set_text(vf, "result", result);
		set_text(vf, "driver", driver);
		set_text(vf, "detail", detail);
		set_cause(report, vf);
	}
	report->lists_changed = true;
	// The end of the current step saves it.
}

enum severity report_severity(const struct report *report)
{
	return report->severity;
}

// The words of the result, for scripts: ok, degraded (exit code 1), left (nothing was to be done: exit code 0).
static const char *result_of(enum severity severity, const char *state)
{
	if (severity >= SEVERITY_WARNING)
		return "degraded";
	return streq(state, "left") ? "left" : "ok";
}

// What of a list is present, and how much of it is wanted: what Proxmox VE handles itself does not count.
struct tally {
	size_t there, wanted;
};

static struct tally settle(json_t *list)
{
	struct tally tally = { .wanted = json_array_size(list) };
	size_t index;
	json_t *item;
	json_array_foreach(list, index, item)
	{
		const char *result = json_string_value(json_object_get(item, "result"));
		if (!result || streq(result, "pending"))
			set_text(item, "result", "not-made");
		else if (streq(result, "created") || streq(result, "existing"))
			tally.there++;
		else if (streq(result, "busy"))
			tally.wanted--;
	}
	return tally;
}

// Tells how many are present, of what there is any.
static void tell_sum(const struct report *report, const struct tally *instances, const struct tally *vfs)
{
	char text[128] = "";
	const char *result = json_string_value(json_object_get(report->json, "result"));
	if (instances->wanted > 0 || vfs->wanted == 0)
		snprintf(text, sizeof(text), "%zu of %zu instances", instances->there, instances->wanted);
	if (vfs->wanted > 0)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%zu of %zu virtual functions",
			 text[0] ? " and " : "", vfs->there, vfs->wanted);
	log_line(log_level(report->severity), "done: %s present, %s", text, result);
}

void report_finish(struct report *report, const char *state)
{
	json_t *json = report->json;
	struct tally instances = settle(json_object_get(json, "instances"));
	struct tally vfs = settle(json_object_get(json, "vfs"));
	if ((instances.there < instances.wanted || vfs.there < vfs.wanted) && report->severity < SEVERITY_WARNING)
		report->severity = SEVERITY_WARNING;
	set_text(json, "state", state);
	set_text(json, "result", result_of(report->severity, state));
	set_time(json, "finished_us", clock_now_us());
	json_object_del(json, "current");
	report->finished = true;
	write_whole(report);
	end_journal(report);
	if (!streq(state, "left"))
		tell_sum(report, &instances, &vfs);
}

// What is in memory: the report, and behind it the lines of the journal since it was written as a whole. The caller
// frees it; NULL when there is nothing.
static char *read_copy(int copy)
{
	struct stat st;
	if (fstat(copy, &st) < 0 || st.st_size <= 0 || st.st_size >= PAST_RUN_MAX)
		return NULL;
	size_t length = (size_t)st.st_size;
	char *text = malloc(length + 1);
	if (text && pread(copy, text, length, 0) == (ssize_t)length) {
		text[length] = '\0';
		return text;
	}
	free(text);
	return NULL;
}

int report_read_copy(int copy, char **ret_text)
{
	char *text = read_copy(copy);
	*ret_text = text;
	if (text && text[strlen(text) - 1] == '\n') { // it has lines: the run did not come to its end
		json_t *json = run_journal_parse(text);
		*ret_text = json ? json_dumps(json, JSON_INDENT(1)) : NULL;
		json_decref(json);
		free(text);
	}
	return *ret_text ? 0 : -ENODATA;
}

static json_t *load(const struct root *root, const char *run_name, int copy)
{
	json_t *json;
	if (copy < 0)
		return past_run_load(root, run_name, &json) == 0 ? json : NULL;
	CLEANUP_FREE char *text = read_copy(copy);
	return text ? run_journal_parse(text) : NULL;
}

static void copy_text(json_t *object, const char *key, char *ret, size_t size)
{
	const char *value = json_string_value(json_object_get(object, key));
	snprintf(ret, size, "%s", value ? value : "");
}

// Whether the worker is still running.
static bool is_open(const json_t *json)
{
	const char *state = json_string_value(json_object_get(json, "state"));
	return !state || streq(state, "running") || streq(state, "gave-up");
}

static void close_json(json_t *json, const struct report_closing *end, const char *detail)
{
	const json_t *current = json_object_get(json, "current");
	uint64_t at = (uint64_t)json_integer_value(json_object_get(current, "at_us"));
	uint64_t now = clock_now_us();
	if (current) {
		add_step(json, end->step, SEVERITY_FAILED, detail, at, now > at ? now - at : 0);
		json_object_del(json, "current");
	}
	(void)settle(json_object_get(json, "instances"));
	(void)settle(json_object_get(json, "vfs"));
	set_text(json, "state", end->state);
	set_text(json, "result", "degraded");
	set_time(json, "finished_us", now);
}

void report_close_for(const struct root *root, const char *run_name, int copy, struct report_closing *end)
{
	bool crashed = streq(end->state, "crashed");
	CLEANUP_CLOSE int turn = take_turn(root);
	json_t *json = load(root, run_name, copy);
	copy_text(json_object_get(json, "current"), "name", end->step, sizeof(end->step));
	copy_text(json, "gpu", end->gpu, sizeof(end->gpu));
	if (json && !is_open(json)) {
		json_decref(json);
		return;
	}

	char detail[TEXT_SIZE];
	snprintf(detail, sizeof(detail), "%s%s%s",
		 crashed                                 ? "the worker died in this step; please report it"
			 : streq(run_name, COMMAND_BOOT) ? "this step does not return; the boot continues without it"
							 : "this step does not return; timed out",
		 end->where && *end->where ? ": " : "", end->where ? end->where : "");
	log_line(LOG_ERR, "%s: %s after %llu ms", end->step[0] ? end->step : "worker", detail,
		 (unsigned long long)(end->waited_us / USEC_PER_MSEC));
	if (!json)
		return;

	close_json(json, end, detail);
	CLEANUP_FREE char *dump = json_dumps(json, JSON_INDENT(1));
	int r = !dump ? -ENOMEM : end->publish ? save(root, run_name, dump) : 0;
	if (dump)
		save_copy(copy, dump);
	if (r < 0)
		tell_unwritable(run_name, r);
	json_decref(json);
}
