// SPDX-License-Identifier: GPL-2.0-or-later
// "plan": what would be done now, and why. Nothing is loaded, nothing is made.
#include <jansson.h>
#include <stdio.h>

#include "command.h"
#include "config.h"
#include "exitcode.h"
#include "file.h"
#include "guest.h"
#include "host.h"
#include "json_text.h"
#include "log.h"
#include "plan.h"
#include "sources.h"

// Proxmox VE looks for hookscripts among the snippets of a storage; "local" is on each of its hosts.
#define HOOKSCRIPT_SOURCE "/usr/share/gvt-early/hookscript"
#define HOOKSCRIPT_FILE   "/var/lib/vz/snippets/" GUEST_HOOKSCRIPT
#define HOOKSCRIPT_VOLUME "local:snippets/" GUEST_HOOKSCRIPT

static const char *stance_name(enum stance stance)
{
	static const char *const names[] = {
		[STANCE_ACT] = "act",
		[STANCE_SWITCHED_OFF] = "switched-off",
		[STANCE_OTHER_BOOT] = "other-boot",
		[STANCE_NOTHING_WANTED] = "nothing-wanted",
		[STANCE_ADMIN] = "admin",
		[STANCE_UNABLE] = "unable",
	};
	return names[stance];
}

static const char *step_name(enum instance_step step)
{
	static const char *const names[] = {
		[INSTANCE_CREATE] = "create",
		[INSTANCE_NO_ROOM] = "no-room",
		[INSTANCE_EXISTS] = "existing",
		[INSTANCE_REMAKE] = "remake",
		[INSTANCE_CONFLICT] = "conflict",
		[INSTANCE_HOPELESS] = "failed",
	};
	return names[step];
}

static json_t *finding_json(const struct finding *finding)
{
	return json_pack("{s:s, s:s, s:o}", "name", finding->name, "severity", severity_name(finding->severity), "text",
			 json_text(finding->text));
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

static void print_json(const struct plan *plan, const struct config *config)
{
	json_t *findings = json_array(), *modules = json_array(), *instances = json_array(), *problems = json_array(),
	       *warnings = json_array(), *removals = json_array();
	json_array_append_new(findings, finding_json(&plan->iommu));
	if (plan->gpu.name)
		json_array_append_new(findings, finding_json(&plan->gpu));
	if (plan->leave.name && (!plan->gpu.name || !streq(plan->leave.name, plan->gpu.name)))
		json_array_append_new(findings, finding_json(&plan->leave));
	for (size_t i = 0; i < plan->module_count; i++)
		json_array_append_new(modules, json_pack("{s:s, s:s}", "name", plan->modules[i].name, "options",
							 plan->modules[i].options ? plan->modules[i].options : ""));
	for (size_t i = 0; i < plan->instance_count; i++) {
		const struct planned_instance *item = &plan->instances[i];
		json_t *parents = json_array();
		char hookscript[96];
		for (size_t n = 0; n < item->other_count; n++)
			json_array_append_new(parents, json_string(item->others[n]));
		json_array_append_new(instances,
				      json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:s, s:s, s:o}", "uuid", item->wanted->uuid,
						"type", item->wanted->type, "parent", item->parent, "other_parents", parents,
						"source", json_text(item->wanted->source), "hostpci",
						json_text(item->wanted->hostpci), "hookscript",
						hookscript_line(item->wanted, hookscript, sizeof(hookscript)), "step", step_name(item->step), "detail",
						json_text(item->text)));
	}
	for (size_t i = 0; i < plan->removal_count; i++) {
		const struct instance *item = &plan->removals[i].instance;
		json_array_append_new(removals, json_pack("{s:s, s:s, s:s, s:b}", "uuid", item->uuid, "type", item->type, "parent",
							  item->parent, "remade", plan->removals[i].wanted != NULL));
	}
	for (size_t i = 0; i < config->problem_count; i++)
		json_array_append_new(problems, json_text(config->problems[i]));
	for (size_t i = 0; i < config->warnings.count; i++)
		json_array_append_new(warnings, json_text(config->warnings.items[i]));
	json_t *json = json_pack("{s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "version", 1, "stance", stance_name(plan->stance),
				 "findings", findings, "modules", modules, "removals", removals, "instances", instances, "problems", problems, "warnings", warnings);
	json_dumpf(json, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(json);
}

static void print_finding(const char *what, const struct finding *finding)
{
	printf("%-9s %-7s  %s\n", what, severity_name(finding->severity), finding->text);
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

static void print_hookscripts(const struct plan *plan, const struct root *root)
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
			puts("\nSo that a guest's vGPU is seen to at each of its starts (gvt-early(8), HOOKSCRIPT):");
		first = false;
		if (wanted->hookscript == HOOKSCRIPT_NONE && !copied)
			puts("    install -D " HOOKSCRIPT_SOURCE " " HOOKSCRIPT_FILE);
		copied |= wanted->hookscript == HOOKSCRIPT_NONE;
		if (*hookscript_line(wanted, line, sizeof(line)))
			printf("    %s\n", line);
		else
			printf("    guest %u has a hookscript of its own: call 'gvt-early apply --guest %u' there, at pre-start\n",
			       vmid, vmid);
	}
}

static void print_text(const struct plan *plan, const struct root *root)
{
	print_finding("IOMMU", &plan->iommu);
	if (plan->gpu.name)
		print_finding("GPU", &plan->gpu);
	if (plan->stance != STANCE_ACT) {
		if (!plan->gpu.name || !streq(plan->leave.name, plan->gpu.name))
			print_finding("Plan", &plan->leave);
		puts("\nNothing would be done.");
		return;
	}
	printf("Modules          ");
	for (size_t i = 0; i < plan->module_count; i++)
		printf("%s%s%s%s", i ? ", " : " ", plan->modules[i].name, plan->modules[i].options ? " with " : "",
		       plan->modules[i].options ? plan->modules[i].options : "");
	printf("\n\n%-36s  %-16s  %-12s  %-8s  %s\n", "UUID", "TYPE", "PARENT", "STEP", "WANTED BY");
	for (size_t i = 0; i < plan->instance_count; i++) {
		const struct planned_instance *item = &plan->instances[i];
		printf("%s  %-16s  %-12s  %-8s  %s\n", item->wanted->uuid, item->wanted->type, item->parent,
		       step_name(item->step), item->wanted->source);
		if (item->wanted->hostpci[0])
			printf("    %s\n", item->wanted->hostpci);
		for (size_t n = 0; n < item->other_count; n++)
			printf("%s%s%s", n ? ", " : "    otherwise on ", item->others[n], n + 1 == item->other_count ? "\n" : "");
		if (item->text[0])
			printf("    %s\n", item->text);
	}
	for (size_t i = 0; i < plan->removal_count; i++) {
		const struct instance *item = &plan->removals[i].instance;
		if (!plan->removals[i].wanted)
			printf("%s  %-16s  %-12s  %-8s  nobody any more; gvt-early has made it in this boot\n", item->uuid,
			       item->type, item->parent, "remove");
	}
	print_hookscripts(plan, root);
}

static int exit_code(const struct plan *plan, const struct config *config)
{
	if (config->problem_count > 0)
		return EXIT_BAD_INPUT;
	if (plan->stance != STANCE_ACT)
		return plan->leave.severity >= SEVERITY_WARNING ? EXIT_DEGRADED : EXIT_ALL_WELL;
	if (plan->iommu.severity >= SEVERITY_WARNING)
		return EXIT_DEGRADED;
	for (size_t i = 0; i < plan->instance_count; i++)
		if (plan->instances[i].text[0])
			return EXIT_DEGRADED;
	return EXIT_ALL_WELL;
}

int command_plan(const struct root *root, const struct options *options)
{
	struct host host;
	struct config config = { 0 };
	struct plan plan = { 0 };
	struct modules *modules = NULL;
	int code = EXIT_INTERNAL;

	int r = host_read(&host, root, &modules);
	if (r == 0)
		r = config_read(&config, root, false);
	if (r == 0)
		r = sources_add_guests(&config, root, UINT64_MAX, false);
	if (r == 0) {
		host_read_users(&host, root);
		r = plan_make(&plan, &host, &config);
	}
	if (r == 0) {
		config_tell(&config);
		if (options->json)
			print_json(&plan, &config);
		else
			print_text(&plan, root);
		code = exit_code(&plan, &config);
	} else {
		log_line(LOG_ERR, "failed: %s", strerror(-r));
	}
	plan_free(&plan);
	config_free(&config);
	host_free(&host);
	modules_close(modules);
	return code;
}
