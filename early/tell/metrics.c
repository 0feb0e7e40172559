// SPDX-License-Identifier: GPL-2.0-or-later
#include "tell/metrics.h"

#include "base/build.h"
#include "base/clock.h"

static void head(FILE *stream, const char *name, const char *help)
{
	fprintf(stream, "# HELP gvt_early_%s %s\n# TYPE gvt_early_%s gauge\n", name, help, name);
}

// A label's value; what the format cannot have as it is, is escaped.
static void label(FILE *stream, const char *before, const char *name, const char *value)
{
	fprintf(stream, "%s%s=\"", before, name);
	for (const char *c = value; *c; c++) {
		if (*c == '\n')
			fputs("\\n", stream);
		else if (*c == '\\' || *c == '"')
			fprintf(stream, "\\%c", *c);
		else
			fputc(*c, stream);
	}
	fputc('"', stream);
}

static void seconds(FILE *stream, uint64_t us)
{
	fprintf(stream, "} %llu.%06llu\n", (unsigned long long)(us / USEC_PER_SEC),
		(unsigned long long)(us % USEC_PER_SEC));
}

// The runs of this boot, by the stage's name.
struct stage_run {
	const char *stage;
	const struct past_run *past;
};

static void print_runs(FILE *stream, const struct stage_run runs[2])
{
	head(stream, "run_ok", "Whether the stage of this boot did all of its work (1), or was degraded (0).");
	for (size_t i = 0; i < 2; i++)
		if (runs[i].past->json) {
			label(stream, "gvt_early_run_ok{", "stage", runs[i].stage);
			label(stream, ",", "state", runs[i].past->state);
			fprintf(stream, "} %d\n",
				streq(runs[i].past->result, "ok") || streq(runs[i].past->result, "left"));
		}
	head(stream, "run_start_seconds", "When the stage began, in seconds since the kernel started.");
	for (size_t i = 0; i < 2; i++)
		if (runs[i].past->json) {
			label(stream, "gvt_early_run_start_seconds{", "stage", runs[i].stage);
			seconds(stream, runs[i].past->started_us);
		}
	head(stream, "run_duration_seconds", "How long the stage took.");
	for (size_t i = 0; i < 2; i++)
		if (runs[i].past->finished_us >= runs[i].past->started_us && runs[i].past->finished_us > 0) {
			label(stream, "gvt_early_run_duration_seconds{", "stage", runs[i].stage);
			seconds(stream, runs[i].past->finished_us - runs[i].past->started_us);
		}
	head(stream, "step_duration_seconds", "How long a step of the stage took.");
	for (size_t i = 0; i < 2; i++)
		for (size_t n = 0; n < runs[i].past->step_count; n++) {
			const struct past_run_step *step = &runs[i].past->steps[n];
			bool again = false; // two samples with the same labels would void all of them
			for (size_t before = 0; before < n; before++)
				again |= streq(runs[i].past->steps[before].name, step->name);
			if (step->duration_us == 0 || again)
				continue;
			label(stream, "gvt_early_step_duration_seconds{", "stage", runs[i].stage);
			label(stream, ",", "step", step->name);
			label(stream, ",", "result", severity_name(step->severity));
			seconds(stream, step->duration_us);
		}
}

static void print_sum(FILE *stream, const struct instance_state_list *instances)
{
	size_t used = 0;
	for (size_t i = 0; i < instances->count; i++)
		used += instances->items[i].state == INSTANCE_STATE_USED;
	head(stream, "instances_wanted", "Instances that the configuration and the guests want.");
	fprintf(stream, "gvt_early_instances_wanted %zu\n", instances->wanted);
	head(stream, "instances_present", "Wanted instances that exist as wanted.");
	fprintf(stream, "gvt_early_instances_present %zu\n", instances->there);
	head(stream, "instances_missing",
	     "Wanted instances that are missing, except those that Proxmox VE creates when their guests start.");
	fprintf(stream, "gvt_early_instances_missing %zu\n", instances->missing);
	head(stream, "instances_in_use", "Instances that a process has open.");
	fprintf(stream, "gvt_early_instances_in_use %zu\n", used);
}

static void print_instances(FILE *stream, const struct instance_state_list *instances)
{
	head(stream, "instance_state",
	     "The state of an instance, as a label: in-use, idle, unknown, being-made, no-driver, conflict, "
	     "removed, at-start or missing.");
	for (size_t i = 0; i < instances->count; i++) {
		const struct instance_state *item = &instances->items[i];
		char guest[16] = "";
		unsigned vmid, index;
		if (wanted_is_guest(item->uuid, &vmid, &index))
			snprintf(guest, sizeof(guest), "%u", vmid);
		label(stream, "gvt_early_instance_state{", "uuid", item->uuid);
		label(stream, ",", "type", item->type);
		label(stream, ",", "gpu", item->parent);
		label(stream, ",", "guest", guest);
		label(stream, ",", "wanted", item->wanted ? "yes" : "no");
		label(stream, ",", "state", instance_status_name(item->state));
		fputs("} 1\n", stream);
	}
}

// Only where there are any, or should be.
static void print_vfs(FILE *stream, const struct overview *look, const struct vf_state_list *vfs)
{
	if (vfs->count == 0)
		return;
	size_t used = 0;
	for (size_t i = 0; i < vfs->count; i++)
		used += vfs->items[i].state == VF_STATE_USED;
	head(stream, "vfs_wanted", "Virtual functions that the configuration and the guests want.");
	fprintf(stream, "gvt_early_vfs_wanted %zu\n", vfs->wanted);
	head(stream, "vfs_present", "Wanted virtual functions that exist and are bound to a driver.");
	fprintf(stream, "gvt_early_vfs_present %zu\n", vfs->there);
	head(stream, "vfs_missing", "Wanted virtual functions that do not exist, or have no driver.");
	fprintf(stream, "gvt_early_vfs_missing %zu\n", vfs->missing);
	head(stream, "vfs_in_use", "Virtual functions that a process has open.");
	fprintf(stream, "gvt_early_vfs_in_use %zu\n", used);
	head(stream, "vf_state",
	     "The state of a virtual function, as a label: in-use, idle, unknown, host, no-driver or missing.");
	for (size_t i = 0; i < vfs->count; i++) {
		const struct vf_state *item = &vfs->items[i];
		char guest[16] = "";
		if (item->holder && item->holder->vmid)
			snprintf(guest, sizeof(guest), "%u", item->holder->vmid);
		label(stream, "gvt_early_vf_state{", "address", item->address);
		label(stream, ",", "gpu", look->host.gpus.items[item->gpu].address);
		label(stream, ",", "driver", item->driver);
		label(stream, ",", "guest", guest);
		label(stream, ",", "wanted", item->planned ? "yes" : "no");
		label(stream, ",", "state", vf_status_name(item->state));
		fputs("} 1\n", stream);
	}
}

static void print_gpus(FILE *stream, const struct overview *look, const struct offer_list *offers)
{
	const struct gpu_list *gpus = &look->host.gpus;
	head(stream, "gpu_answers", "Whether the driver of the GPU answers (1), or hangs (0).");
	for (size_t i = 0; i < gpus->count; i++) {
		label(stream, "gvt_early_gpu_answers{", "gpu", gpus->items[i].address);
		fprintf(stream, "} %d\n", !offers[i].hung && !gpus->hung);
	}
	head(stream, "type_free", "How many more instances of a type fit now.");
	for (size_t i = 0; i < gpus->count; i++)
		for (size_t n = 0; n < offers[i].count; n++) {
			label(stream, "gvt_early_type_free{", "gpu", gpus->items[i].address);
			label(stream, ",", "type", offers[i].items[n].type);
			fprintf(stream, "} %u\n", offers[i].items[n].free);
		}
}

// Whether there is anything that a process may have open.
static bool has_users(const struct overview *look)
{
	bool any = look->host.instances.count > 0;
	for (size_t i = 0; i < look->host.gpus.count; i++)
		any |= look->host.sriov.gpus[i].count > 0;
	return any;
}

// What the other metrics are made of: a count of 0 means nothing where its source could not be read.
static void print_sources(FILE *stream, const struct overview *look, const struct past_run *boot,
			  const struct past_run *apply)
{
	const struct usage *usage = &look->host.users;
	const struct {
		const char *name;
		bool readable;
	} sources[] = {
		{ "early-report", !boot->damaged },
		{ "late-report", !apply->damaged },
		{ "wanted", look->config.whole },
		{ "gpus", !look->host.gpus.error[0] && !look->host.gpus.hung },
		{ "processes", !usage->hung && (!usage->blind || !has_users(look)) },
	};
	head(stream, "source_readable", "Whether a source of these metrics could be read completely (1), or not (0).");
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		label(stream, "gvt_early_source_readable{", "source", sources[i].name);
		fprintf(stream, "} %d\n", sources[i].readable);
	}
	head(stream, "config_mistakes", "Mistakes in the configuration; their entries are skipped.");
	fprintf(stream, "gvt_early_config_mistakes %zu\n", look->config.problem_count);
}

static void print_findings(FILE *stream, const struct overview *look, bool ok)
{
	const struct finding *findings[OVERVIEW_FINDINGS];
	size_t count = overview_findings(look, findings);
	head(stream, "ok",
	     "Whether \"gvt-early status\" finds nothing wrong (1), or exits with another code than 0 (0).");
	fprintf(stream, "gvt_early_ok %d\n", ok);
	head(stream, "finding",
	     "What keeps the wanted instances from being created, or guests from using them, as gvt-early-check(8) names it.");
	for (size_t i = 0; i < count; i++) {
		label(stream, "gvt_early_finding{", "name", findings[i]->name);
		label(stream, ",", "severity", severity_name(findings[i]->severity));
		fputs("} 1\n", stream);
	}
}

// What was never asked has no sample.
static void print_next_boot(FILE *stream, const struct gate_record *gate)
{
	head(stream, "next_boot_ok",
	     "Whether the next boot has what its vGPUs need (1) or not (0), as \"gvt-early gate\" found it last in this boot.");
	if (!gate->found)
		return;
	label(stream, "gvt_early_next_boot_ok{", "kernel", gate->kernel);
	label(stream, ",", "finding", gate->finding);
	fprintf(stream, "} %d\n", gate->ready);
}

void metrics_print(FILE *stream, const struct overview *look, const struct offer_list *offers,
		   const struct past_run *boot, const struct past_run *apply,
		   const struct instance_state_list *instances, const struct vf_state_list *vfs, bool ok)
{
	const struct stage_run runs[2] = { { "early", boot }, { "late", apply } };
	const struct process *first = usage_first_guest(&look->host.users);
	head(stream, "info", "The releases of gvt-early and of the kernel.");
	label(stream, "gvt_early_info{", "release", build_release());
	label(stream, ",", "kernel", look->host.release);
	label(stream, ",", "i915_loaded_by", boot->i915_loaded_by);
	fputs("} 1\n", stream);
	print_sources(stream, look, boot, apply);
	print_findings(stream, look, ok);
	print_next_boot(stream, &look->gate);
	print_runs(stream, runs);
	print_sum(stream, instances);
	print_instances(stream, instances);
	print_vfs(stream, look, vfs);
	print_gpus(stream, look, offers);
	if (first) {
		head(stream, "first_guest_start_seconds",
		     "When the longest-running guest was started, in seconds since the kernel started.");
		fputs("gvt_early_first_guest_start_seconds{", stream);
		fprintf(stream, "guest=\"%u\"", first->vmid);
		seconds(stream, first->started_us);
	}
}
