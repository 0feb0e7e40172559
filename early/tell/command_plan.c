// SPDX-License-Identifier: GPL-2.0-or-later
// "plan": what would be done now, and why. Nothing is loaded, nothing is made.
#include <jansson.h>
#include <stdio.h>

#include "base/output.h"
#include "base/exitcode.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/log.h"
#include "base/terminal.h"
#include "read/proxmox/guest.h"
#include "tell/command.h"
#include "tell/finding_data.h"
#include "tell/finding_text.h"
#include "tell/overview.h"
#include "tell/plan_json.h"
#include "tell/plan_text.h"
#include "tell/plan_vfs.h"
#include "tell/words.h"

#define HOSTPCI_LINE_SIZE (HOSTPCI_SHOWN + TYPE_NAME_SIZE + PCI_ADDRESS_SIZE)
#define QEMU_DEVICE       "vfio-pci,sysfsdev=/sys/bus/mdev/devices/"

// The line in the guest's configuration: its own one, or what it has to be. "" for an instance of no guest.
static void hostpci_line(const struct planned_instance *item, char ret[static HOSTPCI_LINE_SIZE])
{
	unsigned vmid, index;
	ret[0] = '\0';
	if (item->wanted->hostpci[0])
		snprintf(ret, HOSTPCI_LINE_SIZE, "%s", item->wanted->hostpci);
	else if (wanted_is_guest(item->wanted->uuid, &vmid, &index))
		snprintf(ret, HOSTPCI_LINE_SIZE, "hostpci%u: %s,mdev=%s", index, item->parent, item->wanted->type);
}

// Whether there is, or will be, room for it.
static bool has_room(const struct planned_instance *item)
{
	return item->step == INSTANCE_CREATE || item->step == INSTANCE_EXISTS ||
		(item->step == INSTANCE_REMAKE && !item->finding.name);
}

// The line that gives a guest our hookscript, "" when it has one, or when nothing is known of it.
static const char *hookscript_line(const struct wanted *wanted, char *text, size_t size)
{
	unsigned vmid, index;
	text[0] = '\0';
	if (wanted->hostpci[0] && wanted->hookscript == HOOKSCRIPT_NONE && wanted_is_guest(wanted->uuid, &vmid, &index))
		snprintf(text, size, "qm set %u --hookscript " HOOKSCRIPT_VOLUME, vmid);
	return text;
}

//
// JSON
//

// What is to be said of an instance, "" for nothing.
static const char *item_text(const struct planned_instance *item, char ret[static SENTENCE_SIZE])
{
	ret[0] = '\0';
	return item->finding.name ? finding_text(&item->finding, ret, SENTENCE_SIZE) : ret;
}

static json_t *instance_json(const struct planned_instance *item)
{
	char text[SENTENCE_SIZE];
	char hookscript[96], hostpci[HOSTPCI_LINE_SIZE], qemu[sizeof("-device " QEMU_DEVICE) + UUID_SIZE];
	unsigned vmid, index;
	bool guest = wanted_is_guest(item->wanted->uuid, &vmid, &index);
	hostpci_line(item, hostpci);
	snprintf(qemu, sizeof(qemu), "-device " QEMU_DEVICE "%s", item->wanted->uuid);
	json_t *parents = json_array();
	for (size_t n = 0; n < item->other_count; n++)
		json_array_append_new(parents, json_text(item->others[n]));
	json_t *json =
		json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:b, s:s, s:o}", "uuid",
			  json_text(item->wanted->uuid), "type", json_text(item->wanted->type), "parent",
			  json_text(item->parent), "other_parents", parents, "source", json_text(item->wanted->source),
			  "guest", guest ? json_integer(vmid) : json_null(), "hostpci", json_text(hostpci),
			  "hookscript", json_text(hookscript_line(item->wanted, hookscript, sizeof(hookscript))),
			  "qemu", json_text(guest ? "" : qemu), "step", step_name(item->step), "fits", has_room(item),
			  "severity", severity_name(item->finding.severity), "detail",
			  json_text(item_text(item, text)));
	if (item->finding.name)
		finding_add_data(json, &item->finding);
	return json;
}

static void print_json(const struct overview *look)
{
	const struct plan *plan = &look->plan, *next = &look->next;
	const struct config *config = &look->config;
	json_t *findings = json_array(), *modules = json_array(), *instances = json_array(), *removals = json_array(),
	       *later = json_array();
	json_array_append_new(findings, finding_json(&plan->iommu));
	if (look->kvm.name)
		json_array_append_new(findings, finding_json(&look->kvm));
	if (plan->gpu.name)
		json_array_append_new(findings, finding_json(&plan->gpu));
	if (look->unread.name && (!plan->leave.name || !streq(plan->leave.name, look->unread.name)))
		json_array_append_new(findings, finding_json(&look->unread));
	if (plan->leave.name && (!plan->gpu.name || !streq(plan->leave.name, plan->gpu.name)))
		json_array_append_new(findings, finding_json(&plan->leave));
	if (look->trap.name)
		json_array_append_new(findings, finding_json(&look->trap));
	for (size_t i = 0; i < plan->module_count; i++)
		json_array_append_new(modules,
				      json_pack("{s:o, s:s}", "name", json_text(plan->modules[i].name), "options",
						plan->modules[i].options ? plan->modules[i].options : ""));
	for (size_t i = 0; i < plan->instance_count; i++)
		json_array_append_new(instances, instance_json(&plan->instances[i]));
	for (size_t i = 0; i < next->instance_count; i++)
		json_array_append_new(later, instance_json(&next->instances[i]));
	for (size_t i = 0; i < plan->removal_count; i++) {
		const struct instance *item = &plan->removals[i].instance;
		json_array_append_new(removals,
				      json_pack("{s:o, s:o, s:o, s:b}", "uuid", json_text(item->uuid), "type",
						json_text(item->type), "parent", json_text(item->parent), "remade",
						plan->removals[i].wanted != NULL));
	}
	json_t *json = json_pack("{s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "version", 1, "stance",
				 stance_name(plan->stance), "findings", findings, "modules", modules, "removals",
				 removals, "instances", instances, "next_boot", later, "problems",
				 problems_json(config), "warnings", warnings_json(config));
	if (plan->vfs.count > 0)
		json_object_set_new(json, "gpus", plan_vfs_json(look, plan));
	if (next->vfs.count > 0)
		json_object_set_new(json, "next_boot_gpus", plan_vfs_json(look, next));
	json_print(json);
}

//
// Text
//

// What has to stand where the instance is used.
static void print_use(const struct terminal *terminal, const struct planned_instance *item)
{
	char line[HOSTPCI_LINE_SIZE];
	unsigned vmid, index;
	hostpci_line(item, line);
	if (wanted_is_guest(item->wanted->uuid, &vmid, &index)) {
		plan_print_whole(terminal, plan_indent(terminal), line);
		return;
	}
	plan_print_line(terminal, plan_indent(terminal), "for QEMU's -device:");
	snprintf(line, sizeof(line), QEMU_DEVICE "%s", item->wanted->uuid);
	plan_print_whole(terminal, plan_indent(terminal), line);
}

// length: how much of the text is not told yet.
static void print_instance(const struct terminal *terminal, const struct planned_instance *item, size_t number,
			   size_t length)
{
	size_t indent = plan_indent(terminal);
	char text[SENTENCE_SIZE], name[UUID_SIZE];
	unsigned vmid, index;
	overview_name(item->wanted->uuid, name);
	plan_print_head(terminal, number, item->finding.name ? COLOUR_BAD : COLOUR_GOOD, step_name(item->step), name);
	plan_print_line(terminal, indent, "%s on %s", item->wanted->type, item->parent[0] ? item->parent : "no GPU");
	for (size_t n = 0; n < item->other_count; n++)
		plan_print_line(terminal, indent, "or on %s", item->others[n]);
	plan_print_line(terminal, indent, "wanted by %s", item->wanted->source);
	print_use(terminal, item);
	if (wanted_is_guest(item->wanted->uuid, &vmid, &index))
		plan_print_whole(terminal, indent, item->wanted->uuid);
	if (item->finding.name)
		plan_print_line(terminal, indent, "%.*s", (int)(length ? length : SENTENCE_SIZE),
				length ? item_text(item, text) : "as above");
}

// How much of an instance's text was not told of the one with a text above it.
static size_t new_part(const struct plan *plan, size_t index)
{
	char text[SENTENCE_SIZE], before[SENTENCE_SIZE];
	item_text(&plan->instances[index], text);
	for (size_t i = index; i-- > 0;)
		if (plan->instances[i].finding.name)
			return finding_new_part(text, item_text(&plan->instances[i], before));
	return strlen(text);
}

static void print_modules(const struct terminal *terminal, const struct plan *plan, const struct overview *look)
{
	char text[(MODULES_MAX + 2) * (MODULE_NAME_SIZE + 48)];
	size_t used = 0;
	for (size_t i = 0; i < plan->module_count; i++) {
		const struct planned_module *module = &plan->modules[i];
		bool lacks = !module->required && modules_lack(look->host.modules, module->name);
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s%s%s%s", i ? ", " : "", module->name,
					 module->options ? " with " : "", module->options ? module->options : "",
					 lacks ? " (skipped: this kernel does not have it)" : "");
	}
	terminal_print(terminal, COLOUR_NONE, PLAN_HEAD, "Modules");
	terminal_wrap_below(terminal, PLAN_HEAD, text);
}

static void print_sum(const struct terminal *terminal, const struct plan *plan)
{
	size_t counts[INSTANCE_HOPELESS + 1] = { 0 };
	for (size_t i = 0; i < plan->instance_count; i++)
		counts[plan->instances[i].step]++;
	static const char *const texts[] = {
		[INSTANCE_CREATE] = "will be created (there is room)",
		[INSTANCE_NO_ROOM] = "will not fit (tried anyway)",
		[INSTANCE_EXISTS] = "present",
		[INSTANCE_CONFLICT] = "in conflict with an existing instance",
		[INSTANCE_HOPELESS] = "impossible",
		[INSTANCE_REMAKE] = "will be re-created",
	};
	char text[TEXT_SIZE];
	size_t used = (size_t)snprintf(text, sizeof(text), "%zu %swanted", plan->instance_count,
				       plan->vfs.count == 0                ? ""
					       : plan->instance_count == 1 ? "instance of GVT-g "
									   : "instances of GVT-g ");
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (counts[i] > 0)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "; %zu %s", counts[i], texts[i]);
	snprintf(text + used, sizeof(text) - used, ".");
	terminal_wrap(terminal, 0, 0, text);
}

// Whether an earlier instance is of the same guest.
static bool is_told(const struct plan *plan, size_t index, unsigned vmid)
{
	unsigned other, slot;
	for (size_t i = 0; i < index; i++) {
		const struct wanted *wanted = plan->instances[i].wanted;
		if (wanted->hostpci[0] && wanted_is_guest(wanted->uuid, &other, &slot) && other == vmid)
			return true;
	}
	return false;
}

static void print_hookscripts(const struct terminal *terminal, const struct plan *plan, const struct root *root)
{
	bool first = true, copied = file_exists(root->fs, HOOKSCRIPT_FILE);
	for (size_t i = 0; i < plan->instance_count; i++) {
		const struct wanted *wanted = plan->instances[i].wanted;
		unsigned vmid, slot;
		char line[96];
		if (!wanted->hostpci[0] || wanted->hookscript == HOOKSCRIPT_OURS ||
		    !wanted_is_guest(wanted->uuid, &vmid, &slot) || is_told(plan, i, vmid))
			continue;
		if (first)
			plan_print_line(
				terminal, 0,
				"To check or create a guest's instance at each of its starts (gvt-early(8), HOOKSCRIPT):");
		first = false;
		if (wanted->hookscript == HOOKSCRIPT_NONE && !copied)
			plan_print_whole(terminal, 0, "install -D " HOOKSCRIPT_SOURCE " " HOOKSCRIPT_FILE);
		copied |= wanted->hookscript == HOOKSCRIPT_NONE;
		if (*hookscript_line(wanted, line, sizeof(line)))
			plan_print_whole(terminal, 0, line);
		else
			plan_print_line(
				terminal, 0,
				"guest %u has a hookscript of its own: call 'gvt-early apply --guest %u' there, at "
				"pre-start",
				vmid, vmid);
	}
}

static void print_removal(const struct terminal *terminal, const struct instance *item)
{
	size_t indent = plan_indent(terminal);
	char name[UUID_SIZE];
	unsigned vmid, index;
	overview_name(item->uuid, name);
	plan_print_head(terminal, 0, COLOUR_WARNING, "remove", name);
	plan_print_line(terminal, indent, "%s on %s", item->type, item->parent);
	plan_print_line(terminal, indent, "no longer wanted; gvt-early created it in this boot");
	if (wanted_is_guest(item->uuid, &vmid, &index))
		plan_print_whole(terminal, indent, item->uuid);
}

static void print_actions(const struct terminal *terminal, const struct plan *plan, const struct overview *look)
{
	print_modules(terminal, plan, look);
	fputc('\n', terminal->stream);
	for (size_t i = 0; i < plan->instance_count; i++)
		print_instance(terminal, &plan->instances[i], i + 1, new_part(plan, i));
	for (size_t i = 0; i < plan->removal_count; i++)
		if (!plan->removals[i].wanted)
			print_removal(terminal, &plan->removals[i].instance);
	plan_vfs_print(terminal, look, plan);
	fputc('\n', terminal->stream);
	if (plan->instance_count > 0 || plan->vfs.count == 0)
		print_sum(terminal, plan);
	plan_vfs_print_sum(terminal, plan);
	print_hookscripts(terminal, plan, look->root);
}

// Whether the next boot makes anything that is wanted.
static bool has_more(const struct plan *next)
{
	return next->instance_count > 0 || next->vfs.count > 0;
}

static void print_plan(const struct terminal *terminal, const struct overview *look)
{
	const struct plan *plan = &look->plan, *next = &look->next;
	finding_print(terminal, "IOMMU", &plan->iommu);
	if (look->kvm.name)
		finding_print(terminal, "KVM", &look->kvm);
	if (plan->gpu.name)
		finding_print(terminal, "GPU", &plan->gpu);
	if (look->unread.name && (!plan->leave.name || !streq(plan->leave.name, look->unread.name)))
		finding_print(terminal, "Guests", &look->unread);
	if (look->trap.name)
		finding_print(terminal, "Guests", &look->trap);
	if (plan->stance == STANCE_ACT && plan->leave.name)
		finding_print(terminal, "Plan", &plan->leave);
	if (plan->stance != STANCE_ACT && (!plan->gpu.name || !streq(plan->leave.name, plan->gpu.name)))
		finding_print(terminal, "Plan", &plan->leave);
	plan_vfs_print_findings(terminal, plan);
	if (plan->stance != STANCE_ACT) {
		fputc('\n', terminal->stream);
		if (look->futile)
			terminal_wrap(terminal, 0, 0, "No vGPU can be created until this is fixed.");
		else
			fprintf(terminal->stream, "Nothing would be done%s.\n", has_more(next) ? " in this boot" : "");
		if (!has_more(next))
			return;
		plan_print_line(terminal, 0, "The next boot, if its initrd contains gvt-early:");
		fputc('\n', terminal->stream);
		print_actions(terminal, next, look);
		return;
	}
	print_actions(terminal, plan, look);
}

static void print_text(const struct overview *look)
{
	char next[TEXT_SIZE];
	struct terminal terminal;
	terminal_open(&terminal, output_stream());
	print_plan(&terminal, look);
	overview_next(look, next);
	finding_print_next(&terminal, next);
}

static int exit_code(const struct overview *look)
{
	const struct plan *plan = &look->plan;
	if (look->config.problem_count > 0)
		return EXIT_BAD_INPUT;
	if (overview_is_hindered(look))
		return EXIT_DEGRADED;
	for (size_t i = 0; i < plan->instance_count; i++)
		if (plan->instances[i].finding.name)
			return EXIT_DEGRADED;
	return plan_vfs_are_bad(plan) ? EXIT_DEGRADED : EXIT_ALL_WELL;
}

// "plan UUID", "plan VMID": these alone.
static int print_chosen(const struct overview *look, const struct overview_choice *choice)
{
	const struct plan *plan = &look->plan;
	char name[OWNER_SIZE];
	char text[SENTENCE_SIZE];
	struct terminal terminal;
	size_t count = 0;
	int code = overview_is_hindered(look) ? EXIT_DEGRADED : EXIT_ALL_WELL;
	terminal_open(&terminal, output_stream());
	for (size_t i = 0; i < plan->instance_count; i++) {
		if (!overview_is_chosen(choice, plan->instances[i].wanted->uuid))
			continue;
		print_instance(&terminal, &plan->instances[i], i + 1, strlen(item_text(&plan->instances[i], text)));
		count++;
		if (plan->instances[i].finding.name)
			code = EXIT_DEGRADED;
	}
	bool bad = false;
	if (!choice->uuid[0])
		count += plan_vfs_print_guest(&terminal, look, choice->vmid, &bad);
	code = bad ? EXIT_DEGRADED : code;
	overview_choice_name(choice, name);
	if (plan->stance != STANCE_ACT)
		finding_print(&terminal, "Plan", &plan->leave);
	else if (count == 0)
		plan_print_line(&terminal, 0, "No %s is wanted.", name);
	return count == 0 ? EXIT_DEGRADED : code;
}

int command_plan(const struct root *root, const struct options *options)
{
	struct overview_choice choice;
	if (options->word && options->json) {
		log_line(LOG_ERR, "--json cannot be combined with a UUID or a VM ID");
		return EXIT_BAD_INPUT;
	}
	if (options->word && !overview_choose(options->word, &choice))
		return EXIT_BAD_INPUT;

	struct overview look;
	int r = overview_read(&look, root), code = EXIT_INTERNAL;
	if (r < 0) {
		log_line(LOG_ERR, "failed: %s", strerror(-r));
	} else if (options->word) {
		code = print_chosen(&look, &choice);
	} else {
		config_tell(&look.config);
		if (options->json)
			print_json(&look);
		else
			print_text(&look);
		code = exit_code(&look);
	}
	overview_free(&look);
	return code;
}
