// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/check/check.h"
#include "decide/check/first_line.h"

#include <errno.h>
#include <stdio.h>

// Every finding there is, with its severity; gvt-early-check(8) explains them in this order.
static const struct {
	const char *name;
	enum severity severity;
} known[] = {
	{ "config", SEVERITY_FAILED },
	{ "sources", SEVERITY_WARNING },
	{ "sources-unreadable", SEVERITY_UNKNOWN },
	{ "sriov-unused", SEVERITY_WARNING },
	{ "nothing-wanted", SEVERITY_HINT },
	{ "proc-missing", SEVERITY_FAILED },
	{ "switched-off", SEVERITY_WARNING },
	{ "xen", SEVERITY_FAILED },
	{ "boot-kdump", SEVERITY_HINT },
	{ "boot-rescue", SEVERITY_HINT },
	{ "modules-missing", SEVERITY_FAILED },
	{ "kernel-known-bad", SEVERITY_FAILED },
	{ "modules-obsolete", SEVERITY_WARNING },
	{ "modules-line", SEVERITY_WARNING },
	{ "modules-lacking", SEVERITY_WARNING },
	{ "pci-unreadable", SEVERITY_FAILED },
	{ "gpu-absent", SEVERITY_FAILED },
	{ "gpu-too-new", SEVERITY_FAILED },
	{ "gpu-too-old", SEVERITY_FAILED },
	{ "gpu-atom", SEVERITY_FAILED },
	{ "gpu-discrete", SEVERITY_FAILED },
	{ "gpu-unknown", SEVERITY_FAILED },
	{ "sriov-absent", SEVERITY_FAILED },
	{ "sriov-driver", SEVERITY_FAILED },
	{ "sriov-blocked", SEVERITY_FAILED },
	{ "sriov-switched-off", SEVERITY_FAILED },
	{ "gpu-taken", SEVERITY_FAILED },
	{ "gpu-passed-through", SEVERITY_FAILED },
	{ "vtd-firmware", SEVERITY_FAILED },
	{ "iommu-off", SEVERITY_FAILED },
	{ "no-iommu", SEVERITY_HINT },
	{ "cmdline-not-active", SEVERITY_FAILED },
	{ "kvm-absent", SEVERITY_FAILED },
	{ "i915-missing", SEVERITY_FAILED },
	{ "i915-refused", SEVERITY_FAILED },
	{ "i915-blocked", SEVERITY_FAILED },
	{ "i915-no-gvt", SEVERITY_FAILED },
	{ "i915-dkms", SEVERITY_HINT },
	{ "gvt-switched-off", SEVERITY_FAILED },
	{ "gvt-param-off", SEVERITY_FAILED },
	{ "guc-submission", SEVERITY_FAILED },
	{ "gvt-hung", SEVERITY_FAILED },
	{ "sriov-iommu", SEVERITY_FAILED },
	{ "sriov-firmware", SEVERITY_FAILED },
	{ "sriov-driver-wrong", SEVERITY_FAILED },
	{ "sriov-untold", SEVERITY_FAILED },
	{ "sriov-silent", SEVERITY_FAILED },
	{ "sriov-room", SEVERITY_FAILED },
	{ "sriov-total", SEVERITY_FAILED },
	{ "sriov-hung", SEVERITY_FAILED },
	{ "xe-forced", SEVERITY_WARNING },
	{ "vf-too-many", SEVERITY_FAILED },
	{ "vf-later", SEVERITY_FAILED },
	{ "vf-group", SEVERITY_WARNING },
	{ "vf-refused", SEVERITY_FAILED },
	{ "vf-missing", SEVERITY_FAILED },
	{ "vf-prefix", SEVERITY_FAILED },
	{ "vf-of-gvt", SEVERITY_FAILED },
	{ "vf-twice", SEVERITY_FAILED },
	{ "kvmgt-missing", SEVERITY_FAILED },
	{ "kvmgt-refused", SEVERITY_FAILED },
	{ "kvmgt-not-loaded", SEVERITY_FAILED },
	{ "gvt-silent", SEVERITY_FAILED },
	{ "aperture-small", SEVERITY_FAILED },
	{ "aperture-large", SEVERITY_FAILED },
	{ "type-unknown", SEVERITY_FAILED },
	{ "parent-wrong", SEVERITY_FAILED },
	{ "capacity", SEVERITY_FAILED },
	{ "instance-conflict", SEVERITY_FAILED },
	{ "gvt-fragmented", SEVERITY_FAILED },
	{ "instance-missing", SEVERITY_FAILED },
	{ "mapping-wrong", SEVERITY_FAILED },
	{ "hostpci-ignored", SEVERITY_WARNING },
	{ "guest-locked", SEVERITY_WARNING },
	{ "guest-refused", SEVERITY_FAILED },
	{ "guest-console", SEVERITY_HINT },
	{ "initrd-missing", SEVERITY_WARNING },
	{ "initrd-room", SEVERITY_WARNING },
	{ "initrd-stale", SEVERITY_WARNING },
	{ "mdevctl-dead", SEVERITY_WARNING },
	{ "next-kernel", SEVERITY_FAILED },
	{ "next-initrd", SEVERITY_FAILED },
	{ "next-room", SEVERITY_FAILED },
	{ "next-esp", SEVERITY_FAILED },
	{ "next-cmdline", SEVERITY_FAILED },
	{ "next-root", SEVERITY_FAILED },
	{ "next-unknown", SEVERITY_UNKNOWN },
};

#define NEEDS(requirement) (1U << (requirement))

static const struct {
	const char *name;
	void (*judge)(struct check *check, const struct facts *facts);
	unsigned needs; // not looked at when one of these has failed
	enum check_weight weight;
} requirements[CHECKS] = {
	[CHECK_SOURCES] = { "wanted", check_sources, 0, KEEPS_ALL },
	[CHECK_BOOT] = { "boot", check_boot, 0, KEEPS_ALL },
	[CHECK_KERNEL] = { "kernel", check_kernel, 0, KEEPS_ALL },
	[CHECK_GPU] = { "gpu", check_gpu, 0, KEEPS_ALL },
	[CHECK_FREE] = { "gpu-free", check_free_gpu, NEEDS(CHECK_GPU), KEEPS_ALL },
	[CHECK_VTD] = { "vt-d", check_vtd, NEEDS(CHECK_GPU), KEEPS_GUESTS },
	[CHECK_IOMMU] = { "iommu", check_iommu, NEEDS(CHECK_VTD), KEEPS_GUESTS },
	[CHECK_KVM] = { "kvm", check_kvm, NEEDS(CHECK_GPU), KEEPS_GUESTS },
	[CHECK_SRIOV] = { "sr-iov", check_sriov, NEEDS(CHECK_BOOT) | NEEDS(CHECK_GPU), KEEPS_ALL },
	[CHECK_VFS] = { "vfs", check_vfs, NEEDS(CHECK_SRIOV), KEEPS_ONE },
	[CHECK_I915] = { "i915", check_i915, NEEDS(CHECK_BOOT) | NEEDS(CHECK_GPU) | NEEDS(CHECK_FREE), KEEPS_ALL },
	[CHECK_DRIVER] = { "driver", check_driver, NEEDS(CHECK_GPU), KEEPS_ALL },
	[CHECK_KVMGT] = { "kvmgt", check_kvmgt, NEEDS(CHECK_KERNEL) | NEEDS(CHECK_I915) | NEEDS(CHECK_DRIVER),
			  KEEPS_ALL },
	[CHECK_TYPES] = { "types", check_types, NEEDS(CHECK_KVMGT), KEEPS_ALL },
	[CHECK_ROOM] = { "room", check_room, NEEDS(CHECK_FREE) | NEEDS(CHECK_I915), KEEPS_ONE },
	[CHECK_INSTANCES] = { "instances", check_instances, NEEDS(CHECK_TYPES), KEEPS_ONE },
	[CHECK_GUESTS] = { "guests", check_guests, 0, KEEPS_GUESTS },
	[CHECK_INITRD] = { "initrd", check_initrd, NEEDS(CHECK_GPU) | NEEDS(CHECK_FREE), KEEPS_NOTHING },
	[CHECK_MDEVCTL] = { "mdevctl", check_mdevctl, 0, KEEPS_NOTHING },
	[CHECK_NEXT_KERNEL] = { "kernel", check_next_kernel, 0, KEEPS_ALL },
	[CHECK_NEXT_INITRD] = { "initrd", check_next_initrd, NEEDS(CHECK_NEXT_KERNEL), KEEPS_ALL },
	[CHECK_NEXT_ESP] = { "esp", check_next_esp, 0, KEEPS_ALL },
	[CHECK_NEXT_CMDLINE] = { "cmdline", check_next_cmdline, 0, KEEPS_ALL },
};

const char *check_status_name(enum check_status status)
{
	static const char *const names[] = {
		[CHECK_IS_OK] = "ok",        [CHECK_HINT] = "hint",     [CHECK_WARNING] = "warning",
		[CHECK_UNKNOWN] = "unknown", [CHECK_FAILED] = "failed", [CHECK_SKIPPED] = "skipped",
	};
	return names[status];
}

static enum severity severity_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (streq(known[i].name, name))
			return known[i].severity;
	return SEVERITY_FAILED;
}

static enum check_status status_of(enum severity severity)
{
	static const enum check_status status[] = {
		[SEVERITY_OK] = CHECK_IS_OK,        [SEVERITY_HINT] = CHECK_HINT,
		[SEVERITY_WARNING] = CHECK_WARNING, [SEVERITY_UNKNOWN] = CHECK_UNKNOWN,
		[SEVERITY_FAILED] = CHECK_FAILED,
	};
	return status[severity];
}

static struct finding *say(struct check *check, enum requirement requirement, enum cause cause)
{
	struct check_item *item = &check->items[requirement];
	finding_make(&item->said, item->name, SEVERITY_OK, cause);
	return &item->said;
}

struct finding *check_is_ok(struct check *check, enum requirement requirement, enum cause cause)
{
	return say(check, requirement, cause);
}

struct finding *check_is_skipped(struct check *check, enum requirement requirement, enum cause cause)
{
	check->items[requirement].status = CHECK_SKIPPED;
	return say(check, requirement, cause);
}

struct finding *check_is_unknown(struct check *check, enum requirement requirement, enum cause cause)
{
	struct check_item *item = &check->items[requirement];
	if (item->status < CHECK_UNKNOWN)
		item->status = CHECK_UNKNOWN;
	return say(check, requirement, cause);
}

// Whether the same was said already: what several kernels or ESPs have is told once.
static bool is_told(const struct check_item *item, const struct finding *finding)
{
	for (size_t i = 0; i < item->count; i++)
		if (finding_equal(&item->findings[i], finding))
			return true;
	return false;
}

static void add(struct check *check, enum requirement requirement, struct finding *finding, enum severity severity)
{
	struct check_item *item = &check->items[requirement];
	if (is_told(item, finding))
		return;
	struct finding *more = realloc(item->findings, (item->count + 1) * sizeof(*more));
	if (!more) {
		check->error = -ENOMEM;
		return;
	}
	item->findings = more;
	size_t at = item->count; // the gravest first
	for (; at > 0 && more[at - 1].severity < severity; at--)
		more[at] = more[at - 1];
	more[at] = *finding;
	more[at].severity = severity;
	more[at].word = NULL; // it may be of words that are freed before
	enum check_status status = status_of(severity);
	if (status > item->status)
		item->status = status;
	item->count++;
}

void check_begin(struct finding *finding, const char *name, enum cause cause)
{
	finding_make(finding, name, severity_of(name), cause);
}

void check_take(struct check *check, enum requirement requirement, struct finding *finding)
{
	add(check, requirement, finding, severity_of(finding->name));
}

void check_take_hint(struct check *check, enum requirement requirement, struct finding *finding)
{
	add(check, requirement, finding, SEVERITY_HINT);
}

bool check_meets(const struct facts *facts, enum host_requirement requirement, struct finding *ret_leave)
{
	return judge_host(requirement, &facts->host, &facts->config, ret_leave) == STANCE_ACT;
}

// The first of what it needs that has failed, or that could not be looked at itself; CHECKS when there is none.
static enum requirement lacking(const struct check *check, unsigned needs)
{
	for (enum requirement i = 0; i < CHECKS; i++)
		if (needs & NEEDS(i) && check->items[i].status >= CHECK_FAILED)
			return i;
	return CHECKS;
}

// Before a reboot: what the next boot finds, and of the rest what it will meet as well. What drivers that run now do
// says nothing of it.
static bool is_due(enum requirement requirement, const struct facts *facts)
{
	const unsigned met = NEEDS(CHECK_SOURCES) | NEEDS(CHECK_GPU) | NEEDS(CHECK_FREE) | NEEDS(CHECK_VTD) |
		NEEDS(CHECK_KVM) | NEEDS(CHECK_I915) | NEEDS(CHECK_ROOM) | NEEDS(CHECK_GUESTS) | NEEDS(CHECK_MDEVCTL);
	const unsigned of_vfs = NEEDS(CHECK_SRIOV) | NEEDS(CHECK_VFS);
	const unsigned of_gvt = NEEDS(CHECK_FREE) | NEEDS(CHECK_I915) | NEEDS(CHECK_DRIVER) | NEEDS(CHECK_KVMGT) |
		NEEDS(CHECK_TYPES) | NEEDS(CHECK_ROOM) | NEEDS(CHECK_INSTANCES) | NEEDS(CHECK_MDEVCTL);
	// Its fix comes before each that may write new entries, as new initrds do.
	if (requirement == CHECK_NEXT_CMDLINE && first_line_judge(facts) != FIRST_LINE_FINE)
		return true;
	if (requirement >= CHECK_NEXT_KERNEL)
		return facts->next;
	if (NEEDS(requirement) & of_vfs && !check_looks_at_vfs(facts))
		return false;
	if (NEEDS(requirement) & of_gvt && check_is_sriov(facts))
		return false;
	return !facts->next || met & NEEDS(requirement);
}

static void judge(struct check *check, enum requirement requirement, const struct facts *facts)
{
	if (facts->next && (requirement == CHECK_FREE || requirement == CHECK_I915 || requirement == CHECK_ROOM))
		check_next_later(check, requirement, facts);
	else
		requirements[requirement].judge(check, facts);
}

// Without the other requirements of the next boot its command line concerns later boots alone.
static enum check_weight weight_of(const struct check *check, enum requirement i)
{
	if (i == CHECK_NEXT_CMDLINE && !check->items[CHECK_NEXT_KERNEL].name)
		return KEEPS_NOTHING;
	// Beside a GPU that GVT-g splits, one that SR-IOV splits keeps no more than its own VFs.
	return i == CHECK_SRIOV && check->items[CHECK_I915].name ? KEEPS_ONE : requirements[i].weight;
}

// What may leave the host without its root file system is told before all else: other fixes make that happen.
static bool loses_root(const struct check_item *item)
{
	for (size_t i = 0; i < item->count; i++)
		if (streq(item->findings[i].name, "next-root"))
			return true;
	return false;
}

// Where a requirement stands among those that are told; the lower the earlier.
static unsigned place_of(const struct check *check, enum requirement i)
{
	const struct check_item *item = &check->items[i];
	bool told = item->count > 0 || item->status == CHECK_UNKNOWN;
	unsigned grave = told ? CHECK_FAILED - item->status : CHECK_FAILED;
	return loses_root(item) ? 0 : 1 + (grave * CHECK_WEIGHTS + (told ? weight_of(check, i) : 0)) * CHECKS + i;
}

static void put_in_order(struct check *check)
{
	for (enum requirement i = 0; i < CHECKS; i++) {
		size_t at = i;
		for (; at > 0 && place_of(check, check->order[at - 1]) > place_of(check, i); at--)
			check->order[at] = check->order[at - 1];
		check->order[at] = i;
	}
}

const struct finding *check_first(const struct check *check)
{
	const struct check_item *first = &check->items[check->order[0]];
	return first->count ? &first->findings[0] : NULL;
}

// That of a weight that has failed, in the order in which they are told.
static const struct finding *first_failed(const struct check *check, enum check_weight weight, size_t *from)
{
	for (; *from < CHECKS; (*from)++) {
		enum requirement i = check->order[*from];
		if (i != CHECK_SOURCES && check->items[i].status == CHECK_FAILED && weight_of(check, i) == weight) {
			(*from)++;
			return &check->items[i].findings[0];
		}
	}
	return NULL;
}

const struct finding *check_stop(const struct check *check, bool able)
{
	size_t from = 0;
	const struct finding *finding = first_failed(check, KEEPS_ALL, &from);
	while (finding && able && (streq(finding->name, "kvmgt-not-loaded") || streq(finding->name, "kvmgt-missing")))
		finding = first_failed(check, KEEPS_ALL, &from);
	return finding;
}

const struct finding *check_single(const struct check *check)
{
	size_t from = 0;
	return first_failed(check, KEEPS_ONE, &from);
}

static void add_name(const char *names[static CHECK_NAMES_MAX], size_t *count, const char *name)
{
	for (size_t i = 0; i < *count; i++)
		if (streq(names[i], name))
			return;
	if (*count < CHECK_NAMES_MAX)
		names[(*count)++] = name;
}

size_t check_causes(const struct check *check, const char *ret_names[static CHECK_NAMES_MAX])
{
	size_t count = 0;
	for (size_t i = 0; i < CHECKS; i++) {
		const struct check_item *item = &check->items[check->order[i]];
		if (check->verdict == CHECK_UNKNOWN && item->status == CHECK_UNKNOWN)
			add_name(ret_names, &count, item->name);
		for (size_t j = 0; j < item->count && check->verdict != CHECK_UNKNOWN; j++)
			if (status_of(item->findings[j].severity) == check->verdict)
				add_name(ret_names, &count, item->findings[j].name);
	}
	return count;
}

// What nothing can be said of while it is not known what is wanted.
#define OF_WANTED                                                                                 \
	(NEEDS(CHECK_ROOM) | NEEDS(CHECK_INSTANCES) | NEEDS(CHECK_GUESTS) | NEEDS(CHECK_INITRD) | \
	 NEEDS(CHECK_NEXT_INITRD))

int check_make(struct check *check, const struct facts *facts)
{
	*check = (struct check){ .error = 0 };
	for (enum requirement i = 0; i < CHECKS; i++) {
		if (!is_due(i, facts))
			continue;
		struct check_item *item = &check->items[i];
		item->name = requirements[i].name;
		enum requirement lack = lacking(check, requirements[i].needs);
		item->lacks = lack == CHECKS || check->items[lack].lacks == CHECKS ? lack : check->items[lack].lacks;
		if (lack != CHECKS)
			finding_value(check_is_skipped(check, i, CAUSE_REQUIREMENT_LACKS), VALUE_REQUIREMENT, "%s",
				      requirements[lack].name);
		else if (NEEDS(i) & OF_WANTED && facts->config.wanted.count == 0 && judge_misses_guests(&facts->config))
			check_is_unknown(check, i, CAUSE_WANTED_UNREADABLE);
		else
			judge(check, i, facts);
	}
	for (enum requirement i = 0; i < CHECKS; i++)
		if (check->items[i].status != CHECK_SKIPPED && check->items[i].status > check->verdict)
			check->verdict = check->items[i].status;
	put_in_order(check);
	return check->error;
}

void check_free(struct check *check)
{
	for (size_t i = 0; i < CHECKS; i++)
		free(check->items[i].findings);
	*check = (struct check){ .error = 0 };
}
