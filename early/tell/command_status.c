// SPDX-License-Identifier: GPL-2.0-or-later
// "status": what this boot has done, what is there now, what is missing and why, and who uses it.
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/output.h"
#include "base/clock.h"
#include "base/exitcode.h"
#include "base/json_text.h"
#include "base/log.h"
#include "base/terminal.h"
#include "read/boot/past_run.h"
#include "tell/bar.h"
#include "tell/command.h"
#include "tell/finding_text.h"
#include "tell/instance_state.h"
#include "tell/metrics.h"
#include "tell/overview.h"
#include "tell/plan_json.h"
#include "tell/status_vfs.h"
#include "tell/words.h"

// All that there is to be told.
struct view {
	struct overview look;
	struct past_run boot, apply;
	const struct offer_list *offers; // the look's
	struct instance_state_list instances;
	struct vf_state_list vfs;
	bool gpu_hung; // a driver does not answer
};

// Returns false when out of memory.
static bool view_read(struct view *view, const struct root *root)
{
	*view = (struct view){ .gpu_hung = false };
	if (overview_read(&view->look, root) < 0 || past_run_read(&view->boot, root, COMMAND_BOOT) < 0 ||
	    past_run_read(&view->apply, root, COMMAND_APPLY) < 0)
		return false;
	view->offers = view->look.offers;
	view->gpu_hung = view->look.hung;
	return instance_state_list_make(&view->instances, &view->look, &view->boot, &view->apply, view->gpu_hung) ==
		0 &&
		vf_state_list_make(&view->vfs, &view->look, &view->boot, &view->apply) == 0;
}

static void view_free(struct view *view)
{
	vf_state_list_free(&view->vfs);
	instance_state_list_free(&view->instances);
	past_run_free(&view->apply);
	past_run_free(&view->boot);
	overview_free(&view->look);
}

static int exit_code(const struct view *view)
{
	if (view->look.config.problem_count > 0)
		return EXIT_BAD_INPUT;
	bool hung = view->gpu_hung || view->look.host.users.hung;
	bool missing = view->instances.missing > 0 || view->vfs.missing > 0;
	return missing || overview_is_hindered(&view->look) || hung ? EXIT_DEGRADED : EXIT_ALL_WELL;
}

//
// JSON
//

static json_t *instance_json(const struct instance_state *item)
{
	unsigned vmid, index;
	bool guest = wanted_is_guest(item->uuid, &vmid, &index);
	return json_pack("{s:o, s:o, s:o, s:s, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "uuid", json_text(item->uuid),
			 "type", json_text(item->type), "parent", json_text(item->parent), "state",
			 instance_status_name(item->state), "wanted", item->wanted != NULL, "there", item->there,
			 "guest", guest ? json_integer(vmid) : json_null(), "hostpci",
			 guest ? json_integer(index) : json_null(), "source",
			 item->wanted ? json_text(item->wanted->source) : json_null(), "made_at_us",
			 item->made_at_us ? json_integer((json_int_t)item->made_at_us) : json_null(), "holder",
			 process_json(item->holder), "detail", json_text(item->text));
}

static json_t *report_json(const struct past_run *past)
{
	return past->json ? json_incref(past->json) : json_null();
}

static json_t *findings_json(const struct view *view)
{
	const struct finding *findings[OVERVIEW_FINDINGS];
	json_t *json = json_array();
	size_t count = overview_findings(&view->look, findings);
	for (size_t i = 0; i < count; i++)
		json_array_append_new(json, finding_json(findings[i]));
	return json;
}

static const char *result_name(const struct view *view)
{
	int code = exit_code(view);
	return code == EXIT_ALL_WELL ? "ok" : code == EXIT_BAD_INPUT ? "mistakes" : "degraded";
}

static void tell_json(const struct view *view)
{
	json_t *instances = json_array(), *gpus = json_array();
	for (size_t i = 0; i < view->instances.count; i++)
		json_array_append_new(instances, instance_json(&view->instances.items[i]));
	for (size_t i = 0; i < view->look.host.gpus.count; i++) {
		json_t *types = json_array();
		for (size_t n = 0; n < view->offers[i].count; n++)
			json_array_append_new(types,
					      json_pack("{s:o, s:i}", "type", json_text(view->offers[i].items[n].type),
							"free", view->offers[i].items[n].free));
		json_array_append_new(gpus,
				      json_pack("{s:o, s:b, s:o}", "address",
						json_text(view->look.host.gpus.items[i].address), "answers",
						!view->offers[i].hung && !view->look.host.gpus.hung, "types", types));
	}
	json_t *json =
		json_pack("{s:i, s:s, s:o, s:o, s:o, s:i, s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "version", 1,
			  "result", result_name(view), "findings", findings_json(view), "kernel",
			  json_text_or_null(view->look.host.release), "boot_id",
			  json_text_or_null(view->look.host.boot_id), "wanted", (int)view->instances.wanted, "there",
			  (int)view->instances.there, "missing", (int)view->instances.missing, "boot",
			  report_json(&view->boot), "apply", report_json(&view->apply), "first_guest",
			  process_json(usage_first_guest(&view->look.host.users)), "instances", instances, "gpus", gpus,
			  "problems", problems_json(&view->look.config), "warnings", warnings_json(&view->look.config));
	if (view->vfs.count > 0) {
		json_object_set_new(json, "vfs", status_vfs_json(&view->look, &view->vfs));
		json_object_set_new(json, "vfs_wanted", json_integer((json_int_t)view->vfs.wanted));
		json_object_set_new(json, "vfs_there", json_integer((json_int_t)view->vfs.there));
		json_object_set_new(json, "vfs_missing", json_integer((json_int_t)view->vfs.missing));
	}
	json_print(json);
}

//
// The timeline
//

#define STEP_WIDTH    24
#define BAR_AT        46
#define NARROW_AT     17
#define SHOWN_FROM_US (USEC_PER_MSEC / 2) // a shorter step is told only when something was wrong
#define NEAR_BOOT_US \
	(300 * USEC_PER_SEC) // without a guest: what began until then after the early stage belongs to the boot

// "create UUID" is too long: the guest and the slot, or the UUID's ends.
static void step_text(const char *name, char *ret, size_t size)
{
	unsigned vmid, index;
	const char *uuid = starts_with(name, "create ") ? name + strlen("create ") : NULL;
	if (uuid && wanted_is_guest(uuid, &vmid, &index))
		snprintf(ret, size, "create %u:%u", vmid, index);
	else if (uuid && strlen(uuid) == UUID_SIZE - 1)
		snprintf(ret, size, "create %.6s...%s", uuid, uuid + UUID_SIZE - 5);
	else
		snprintf(ret, size, "%s", name);
}

// Where it is told what was wrong with a step: below its name.
static size_t detail_column(const struct terminal *terminal)
{
	return (terminal_is_narrow(terminal) ? NARROW_AT : BAR_AT - STEP_WIDTH - 2) + 2;
}

// A line of the timeline; a span without a duration is a moment. A narrow terminal has no bars.
static void print_span(const struct terminal *terminal, enum colour colour, const char *name, uint64_t at_us,
		       uint64_t took_us, uint64_t whole_us)
{
	char took[24] = "";
	if (took_us > 0)
		snprintf(took, sizeof(took), "%.3f", (double)took_us / (double)USEC_PER_SEC);
	if (terminal_is_narrow(terminal)) {
		fprintf(terminal->stream, "%7.3f %7s  ", (double)at_us / (double)USEC_PER_SEC, took);
		terminal_print(terminal, colour, 0, name);
	} else {
		fprintf(terminal->stream, "%8.3f  %8s  ", (double)at_us / (double)USEC_PER_SEC, took);
		terminal_print(terminal, COLOUR_NONE, STEP_WIDTH, name);
		fputs("  ", terminal->stream);
		bar_print_span(terminal, colour, at_us, at_us + took_us, whole_us, terminal->columns - BAR_AT);
	}
	fputc('\n', terminal->stream);
}

static const char *state_text(const struct past_run *past)
{
	static const struct {
		const char *state, *text;
	} texts[] = {
		{ "running", "still running" },
		{ "left", "did nothing in this boot" },
		{ "gave-up", "timed out: a step did not return" },
		{ "late", "finished after its deadline" },
		{ "crashed", "the program crashed" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (streq(past->state, texts[i].state))
			return texts[i].text;
	return past->result;
}

static uint64_t end_of(const struct past_run *past)
{
	uint64_t end = past->finished_us > past->started_us ? past->finished_us : past->started_us;
	for (size_t i = 0; i < past->step_count; i++)
		if (past->steps[i].at_us + past->steps[i].duration_us > end)
			end = past->steps[i].at_us + past->steps[i].duration_us;
	return end;
}

static void print_run(const struct terminal *terminal, const char *stage, const struct past_run *past,
		      uint64_t whole_us)
{
	char name[64];
	bool bad = streq(past->result, "degraded");
	snprintf(name, sizeof(name), "%s: %s", stage, bad ? "degraded" : past->result[0] ? past->result : "running");
	print_span(terminal, bad ? COLOUR_WARNING : COLOUR_GOOD, name, past->started_us,
		   end_of(past) - past->started_us, whole_us);
	for (size_t i = 0; i < past->step_count; i++) {
		const struct past_run_step *step = &past->steps[i];
		bool wrong = step->severity >= SEVERITY_WARNING;
		if (step->duration_us < SHOWN_FROM_US && !wrong)
			continue;
		char text[STEP_WIDTH + 1] = "  ";
		step_text(step->name, text + 2, sizeof(text) - 2);
		print_span(terminal, step->severity == SEVERITY_HINT ? COLOUR_GOOD : severity_colour(step->severity),
			   text, step->at_us, step->duration_us, whole_us);
		if (wrong) {
			fprintf(terminal->stream, "%*s", (int)detail_column(terminal), "");
			terminal_wrap(terminal, detail_column(terminal), detail_column(terminal), step->detail);
		}
	}
	if (past->current[0]) {
		fprintf(terminal->stream, "%*srunning: ", (int)detail_column(terminal), "");
		terminal_wrap(terminal, detail_column(terminal) + 9, detail_column(terminal), past->current);
	}
}

// Whether the run of apply belongs to the boot, and not to a later change.
static bool is_of_boot(const struct view *view, const struct process *first)
{
	return view->apply.json &&
		view->apply.started_us <= (first ? first->started_us : end_of(&view->boot) + NEAR_BOOT_US);
}

static void print_timeline_head(const struct terminal *terminal, uint64_t whole_us)
{
	char end[24], head[TERMINAL_MOST + 1];
	snprintf(end, sizeof(end), "%.1f s", (double)whole_us / (double)USEC_PER_SEC);
	if (terminal_is_narrow(terminal))
		snprintf(head, sizeof(head), "%7s %7s  %s", "AT", "TOOK", "SECONDS");
	else
		snprintf(head, sizeof(head), "%8s  %8s  %-*s  %-*s%*s", "AT", "TOOK", STEP_WIDTH,
			 "SECONDS SINCE THE KERNEL", 4, "0 s", (int)(terminal->columns - BAR_AT - 4), end);
	terminal_print(terminal, COLOUR_STRONG, 0, head);
	fputc('\n', terminal->stream);
}

static void print_timeline(const struct terminal *terminal, const struct view *view)
{
	const struct process *first = usage_first_guest(&view->look.host.users);
	bool apply = is_of_boot(view, first);
	uint64_t whole = view->boot.json ? end_of(&view->boot) : 0;
	if (apply && end_of(&view->apply) > whole)
		whole = end_of(&view->apply);
	// One that was started much later than the boot would leave nothing to see of it.
	bool near = first && first->started_us <= whole + NEAR_BOOT_US;
	if (near && first->started_us > whole)
		whole = first->started_us;
	if (!view->boot.json && !apply)
		return;

	fputc('\n', terminal->stream);
	print_timeline_head(terminal, whole);
	if (view->boot.json)
		print_run(terminal, "Early stage", &view->boot, whole);
	if (apply)
		print_run(terminal, "Late stage", &view->apply, whole);
	if (near) {
		char name[32];
		snprintf(name, sizeof(name), "First guest: %u", first->vmid);
		print_span(terminal, COLOUR_STRONG, name, first->started_us, 0, whole);
	}
}

//
// Text
//

static PRINTF(4, 5) void print_line(const struct terminal *terminal, enum colour colour, const char *what,
				    const char *format, ...)
{
	char text[TEXT_SIZE];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	terminal_print(terminal, colour, 11, what);
	if (!terminal_is_narrow(terminal))
		fputs("  ", terminal->stream);
	terminal_wrap_below(terminal, 13, text);
}

// Whether something that is missing tells it.
static bool is_told(const struct view *view, const struct finding *leave)
{
	size_t length = strlen(leave->name);
	if (view->instances.missing > 0)
		return true;
	for (size_t i = 0; i < view->vfs.count; i++)
		if (strncmp(view->vfs.items[i].text, leave->name, length) == 0)
			return true;
	return false;
}

// What is said of no instance.
static void print_findings(const struct terminal *terminal, const struct view *view)
{
	const struct finding *findings[OVERVIEW_FINDINGS];
	size_t count = overview_findings(&view->look, findings);
	for (size_t i = 0; i < count; i++) {
		char seen[TEXT_SIZE];
		bool leave = findings[i] == &view->look.plan.leave, told = leave && is_told(view, findings[i]);
		if (findings[i]->severity < SEVERITY_WARNING || told)
			continue;
		finding_seen(findings[i], seen, sizeof(seen));
		print_line(terminal, severity_colour(findings[i]->severity),
			   streq(findings[i]->name, "sources-unreadable")  ? "Guests"
				   : leave                                 ? "Host"
				   : findings[i] == &view->look.kvm        ? "KVM"
				   : findings[i] == &view->look.trap       ? "Guests"
				   : findings[i] == &view->look.plan.iommu ? "IOMMU"
									   : "GPU",
			   "%s: %s", findings[i]->name, seen);
	}
}

static void print_head(const struct terminal *terminal, const struct view *view)
{
	const struct past_run *boot = &view->boot, *apply = &view->apply;
	if (boot->json && streq(boot->state, "running"))
		print_line(terminal, COLOUR_WARNING, "This boot", "%s", state_text(boot));
	else if (boot->json)
		print_line(terminal, streq(boot->result, "degraded") ? COLOUR_WARNING : COLOUR_GOOD, "This boot",
			   "%s; %zu of %zu vGPUs present at the end of the early stage", state_text(boot),
			   past_run_there(boot), past_run_wanted(boot));
	else if (boot->damaged && boot->foreign)
		print_line(terminal, COLOUR_WARNING, "This boot",
			   "the report of the early stage is of version %lld, which this gvt-early does not know",
			   boot->foreign);
	else if (boot->damaged)
		print_line(terminal, COLOUR_WARNING, "This boot", "the report of the early stage cannot be read");
	else if (!view->look.config.settings.early)
		print_line(terminal, COLOUR_NONE, "This boot",
			   "no early stage: 'early = no' leaves the vGPUs to gvt-early.service");
	else
		print_line(
			terminal, COLOUR_WARNING, "This boot",
			"no early stage: the booted initrd does not contain gvt-early, or no vGPU was wanted when it was "
			"built");
	if (boot->json)
		print_line(terminal, COLOUR_NONE, "Kernel", "%s%s%s", boot->kernel[0] ? boot->kernel : "unknown",
			   boot->i915_loaded_by[0] ? "; i915 loaded by " : "", boot->i915_loaded_by);
	if (apply->json && !is_of_boot(view, usage_first_guest(&view->look.host.users)))
		print_line(terminal, streq(apply->result, "degraded") ? COLOUR_WARNING : COLOUR_GOOD, "Last apply",
			   "%.0f s after the kernel started: %s; %zu of %zu vGPUs present at its end",
			   (double)apply->started_us / (double)USEC_PER_SEC, state_text(apply), past_run_there(apply),
			   past_run_wanted(apply));
}

#define TYPE_WIDTH  16
#define STATE_WIDTH 20 // "present, use unknown"

static enum colour state_colour(enum instance_status state)
{
	switch (state) {
	case INSTANCE_STATE_USED:
	case INSTANCE_STATE_IDLE:
		return COLOUR_GOOD;
	case INSTANCE_STATE_UNKNOWN:
	case INSTANCE_STATE_MAKING:
	case INSTANCE_STATE_REMOVED:
	case INSTANCE_STATE_AWAITED:
		return COLOUR_NONE;
	case INSTANCE_STATE_UNDRIVEN:
	case INSTANCE_STATE_CONFLICT:
	case INSTANCE_STATE_MISSING:
		break;
	}
	return COLOUR_BAD;
}

static void state_of(const struct instance_state *item, char *ret, size_t size)
{
	const struct process *holder = item->holder;
	if (item->state == INSTANCE_STATE_USED && holder->vmid)
		snprintf(ret, size, "in use, guest %u", holder->vmid);
	else if (item->state == INSTANCE_STATE_USED)
		snprintf(ret, size, "in use, %.15s", holder->name);
	else if (item->state == INSTANCE_STATE_UNKNOWN)
		snprintf(ret, size, "present, use unknown");
	else if (item->state == INSTANCE_STATE_IDLE)
		snprintf(ret, size, "present, not in use");
	else if (item->state == INSTANCE_STATE_AWAITED)
		snprintf(ret, size, "created at start");
	else
		snprintf(ret, size, "%s", instance_status_name(item->state));
}

// The column behind the names of the instances.
static size_t names_width(const struct view *view)
{
	size_t width = 0;
	for (size_t i = 0; i < view->instances.count; i++) {
		char name[UUID_SIZE];
		overview_name(view->instances.items[i].uuid, name);
		width = terminal_width(name) > width ? terminal_width(name) : width;
	}
	return width;
}

// width: of the column of names; length: how much of the text is not told yet.
static void print_instance(const struct terminal *terminal, const struct view *view, const struct instance_state *item,
			   size_t width, size_t length)
{
	char name[UUID_SIZE], state[64];
	unsigned vmid, index;
	bool narrow = width + 2 + TYPE_WIDTH + 2 + STATE_WIDTH > terminal->columns;
	bool guest = wanted_is_guest(item->uuid, &vmid, &index);
	overview_name(item->uuid, name);
	state_of(item, state, sizeof(state));
	terminal_print(terminal, COLOUR_STRONG, narrow ? 0 : width, name);
	fprintf(terminal->stream, narrow ? "\n    " : "  ");
	terminal_print(terminal, COLOUR_NONE, narrow ? 0 : TYPE_WIDTH, item->type[0] ? item->type : "-");
	fputs("  ", terminal->stream);
	terminal_print(terminal, state_colour(item->state), 0, state);
	fputs(item->text[0] && length == 0 ? ", as above\n    " : "\n    ", terminal->stream);
	if (guest) {
		fprintf(terminal->stream, "%s\n", item->uuid);
	} else {
		char owner[OWNER_SIZE];
		overview_owner(&view->look, item->uuid, owner);
		fputs("for ", terminal->stream);
		terminal_wrap(terminal, 8, 8, owner);
	}
	if (length > 0) {
		char text[TEXT_SIZE];
		snprintf(text, sizeof(text), "%.*s", (int)length, item->text);
		fputs("    ", terminal->stream);
		terminal_wrap(terminal, 4, 4, text);
	}
	if (item->state == INSTANCE_STATE_UNDRIVEN)
		fputs("    no driver is bound to it, so no guest can use it\n", terminal->stream);
}

// How much of an instance's text was not told of the one with a text above it.
static size_t new_part(const struct instance_state_list *list, size_t index)
{
	const char *text = list->items[index].text;
	for (size_t i = index; i-- > 0;)
		if (list->items[i].text[0])
			return finding_new_part(text, list->items[i].text);
	return strlen(text);
}

static void print_sum(const struct terminal *terminal, const struct view *view)
{
	const struct instance_state_list *list = &view->instances;
	bool unfit = false; // there, but no use as it is
	for (size_t i = 0; i < list->count; i++)
		unfit |= list->items[i].wanted &&
			(list->items[i].state == INSTANCE_STATE_CONFLICT ||
			 list->items[i].state == INSTANCE_STATE_UNDRIVEN);
	// Beside virtual functions.
	const char *kind = view->vfs.wanted > 0 ? "instance of GVT-g" : "vGPU",
		   *kinds = view->vfs.wanted > 0 ? "instances of GVT-g" : "vGPUs";
	char text[192];
	snprintf(text, sizeof(text), "All wanted %s are present.", kinds);
	if (list->wanted == 0)
		strcpy(text,
		       judge_misses_guests(&view->look.config)
			       ? "It is unknown whether a vGPU is wanted: the guests cannot be read."
			       : "No vGPU is wanted.");
	else if (list->missing > 0)
		snprintf(text, sizeof(text), "%zu of %zu wanted %s %s missing%s.", list->missing, list->wanted,
			 list->wanted == 1 ? kind : kinds, list->missing == 1 ? "is" : "are",
			 unfit ? " or not usable as wanted" : "");
	else if (list->there < list->wanted)
		snprintf(text, sizeof(text),
			 "%zu of %zu wanted %s are present; Proxmox VE creates the rest when their guests start.",
			 list->there, list->wanted, kinds);
	fputc('\n', terminal->stream);
	if (list->wanted > 0 || view->vfs.wanted == 0)
		terminal_wrap(terminal, 0, 0, text);
	status_vfs_print_sum(terminal, &view->vfs);
	if (view->gpu_hung)
		terminal_wrap(terminal, 0, 0, HUNG_TEXT);
	if (view->look.host.users.hung)
		terminal_wrap(terminal, 0, 0, "A process does not answer: some users of instances may be missing.");
	else if (view->look.host.users.blind && view->look.host.instances.count > 0)
		terminal_wrap(terminal, 0, 0, "Only root sees who uses an instance.");
	else if (view->look.host.users.blind && view->vfs.there > 0)
		terminal_wrap(terminal, 0, 0, "Only root sees who uses a virtual function.");
}

// The one thing to do next, when there is something to be done now.
static void print_next(const struct terminal *terminal, const struct view *view)
{
	char next[TEXT_SIZE];
	if (exit_code(view) == EXIT_ALL_WELL || streq(view->boot.state, "running"))
		return;
	overview_next(&view->look, next);
	finding_print_next(terminal, next);
}

static void tell_text(const struct view *view)
{
	struct terminal terminal;
	terminal_open(&terminal, output_stream());
	config_tell(&view->look.config);
	print_head(&terminal, view);
	print_findings(&terminal, view);
	print_timeline(&terminal, view);
	if (view->instances.count > 0)
		fputc('\n', terminal.stream);
	for (size_t i = 0; i < view->instances.count; i++)
		print_instance(&terminal, view, &view->instances.items[i], names_width(view),
			       new_part(&view->instances, i));
	status_vfs_print(&terminal, &view->look, &view->vfs);
	print_sum(&terminal, view);
	print_next(&terminal, view);
}

// "status UUID", "status VMID": these alone.
static int tell_chosen(const struct view *view, const struct overview_choice *choice)
{
	struct terminal terminal;
	char name[OWNER_SIZE];
	size_t count = 0;
	bool all_well = true;
	terminal_open(&terminal, output_stream());
	for (size_t i = 0; i < view->instances.count; i++) {
		const struct instance_state *item = &view->instances.items[i];
		if (!overview_is_chosen(choice, item->uuid))
			continue;
		print_instance(&terminal, view, item, 0, strlen(item->text));
		if (item->there)
			fprintf(output_stream(), "    on %s\n", item->parent);
		if (item->made_at_us)
			fprintf(output_stream(), "    created %.3f s after the kernel started\n",
				(double)item->made_at_us / (double)USEC_PER_SEC);
		bool well =
			item->there || item->state == INSTANCE_STATE_REMOVED || item->state == INSTANCE_STATE_AWAITED;
		all_well &= well && item->state != INSTANCE_STATE_CONFLICT && item->state != INSTANCE_STATE_UNDRIVEN;
		count++;
	}
	bool bad = false;
	if (!choice->uuid[0])
		count += status_vfs_print_guest(&terminal, &view->look, &view->vfs, choice->vmid, &bad);
	all_well &= !bad;
	overview_choice_name(choice, name);
	if (count == 0)
		fprintf(output_stream(), "No %s is wanted or present.\n", name);
	return count && all_well ? EXIT_ALL_WELL : EXIT_DEGRADED;
}

int command_status(const struct root *root, const struct options *options)
{
	struct overview_choice choice;
	if (options->word && !overview_choose(options->word, &choice))
		return EXIT_BAD_INPUT;
	if ((options->word != NULL) + options->json + options->metrics > 1) {
		log_line(LOG_ERR, "only one of --json, --metrics and a UUID or VM ID can be given");
		return EXIT_BAD_INPUT;
	}

	struct view view;
	int code = EXIT_INTERNAL;
	if (!view_read(&view, root)) {
		log_line(LOG_ERR, "failed: out of memory");
	} else if (options->word) {
		code = tell_chosen(&view, &choice);
	} else {
		code = exit_code(&view);
		if (options->json) {
			tell_json(&view);
		} else if (options->metrics) {
			metrics_print(output_stream(), &view.look, view.offers, &view.boot, &view.apply,
				      &view.instances, &view.vfs, code == EXIT_ALL_WELL);
			code = EXIT_ALL_WELL; // what is wrong is in them: "status --metrics >NEW && mv NEW FILE" has to
					      // go on
		} else {
			tell_text(&view);
		}
	}
	view_free(&view);
	return code;
}
