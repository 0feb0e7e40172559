// SPDX-License-Identifier: GPL-2.0-or-later
// The requirements of the drivers: i915 with GVT-g, kvmgt, and the types that come of them.
#include <errno.h>
#include <stdio.h>

#include "base/sh_word.h"
#include "decide/check/check.h"
#include "decide/gvt_rules.h"

#define LINE_SIZE 160 // of the kernel log, as far as it is shown

// Adds where enable_gvt=1 is said although another word is the last. False when it is said nowhere.
static bool add_overridden(const struct facts *facts, struct finding *finding)
{
	const struct cmdline *cmdline = &facts->host.cmdline;
	for (size_t i = 0; i < cmdline->count; i++)
		if (!cmdline->words[i].for_init && names_equal(cmdline->words[i].name, "i915.enable_gvt") &&
		    kernel_bool(cmdline->words[i].value) == 1) {
			finding_part(finding, VALUE_BY, PART_WORD_ON);
			return true;
		}
	for (size_t i = 0; i < facts->modprobe.count; i++) {
		const struct modprobe_line *line = &facts->modprobe.items[i];
		size_t length;
		const char *value = module_option_value(line->rest, "enable_gvt", &length);
		if (streq(line->command, "options") && names_equal(line->module, "i915") && value &&
		    kernel_bool(value) == 1) {
			finding_open(finding, VALUE_BY, PART_OPTION_ON);
			finding_value(finding, VALUE_PLACE, "%s", line->place);
			finding_close(finding);
			return true;
		}
	}
	return false;
}

// GVT-g is switched off in words: where, and that they override others that switch it on.
static void tell_switched_off(struct check *check, const struct facts *facts, const struct finding *leave)
{
	const struct fix_of of = { .facts = facts };
	bool of_gvt = leave->cause == CAUSE_GVT_OFF_BY_WORD || leave->cause == CAUSE_GVT_OFF_BY_OPTION;
	const char *option = of_gvt ? "enable_gvt" : "modeset";
	const struct modprobe_line *line = modprobe_lines_last(&facts->modprobe, "options", "i915", option);
	struct finding finding = *leave;
	if (leave->word) {
		fix_remove_blamed(&of, &finding, JOINT_NONE);
	} else if (line) {
		finding_value(&finding, VALUE_PLACE, "%s", line->place);
		(void)fix_modprobe(&of, "options", "i915", option, "", &finding, JOINT_NONE);
	}
	if (of_gvt && facts->host.i915_state == MODULE_LIVE && add_overridden(facts, &finding))
		finding_wrap(&finding, "gvt-param-off", CAUSE_OFF_OVERRIDES);
	else
		finding_wrap(&finding, leave->name, CAUSE_OFF_AT);
	check_take(check, CHECK_I915, &finding);
}

static void fix_initrd_and_reboot(const struct facts *facts, struct finding *finding, enum joint joint)
{
	fix_renew_initrd(finding, joint, &facts->tools, NULL);
	fix_reboot(finding, JOINT_AND);
}

// A line of modprobe.d that was meant to set it and does not.
static bool tell_odd_line(struct check *check, const struct facts *facts)
{
	const struct modprobe_odd *odd = &facts->modprobe.odd;
	char file[160], from[SH_WORD_SIZE], to[SH_WORD_SIZE];
	struct finding finding;
	if (!odd->place[0])
		return false;
	snprintf(file, sizeof(file), "%.*s", (int)(strrchr(odd->place, ':') - odd->place), odd->place);
	check_begin(&finding, "gvt-param-off", odd->renamed[0] ? CAUSE_ODD_FILE : CAUSE_ODD_LINE);
	finding_value(&finding, VALUE_PLACE, "%s", odd->place);
	finding_value(&finding, VALUE_LINE, "%s", odd->line);
	if (odd->renamed[0])
		fix_run(&finding, JOINT_NONE, "mv %s %s", sh_word(file, from, sizeof(from)),
			sh_word(odd->renamed, to, sizeof(to)));
	fix_initrd_and_reboot(facts, &finding, JOINT_COMMA);
	check_take(check, CHECK_I915, &finding);
	return true;
}

// How that goes for which gvt-early would leave i915 alone. False when nothing is known but its own fix.
static bool fix_forbidden(const struct facts *facts, enum host_requirement at, struct finding *finding,
			  enum joint joint)
{
	const struct fix_of of = { .facts = facts };
	const char *module = at == REQUIRE_KVMGT ? "kvmgt" : "i915";
	if (finding->word) {
		fix_remove_blamed(&of, finding, joint);
		return true;
	}
	if (at == REQUIRE_FREE)
		return fix_modprobe(&of, "options", "vfio-pci", "ids", finding->item, finding, joint);
	return fix_modprobe(&of, finding->cause == CAUSE_MODULE_REPLACED ? "install" : "blacklist", module, NULL, "",
			    finding, joint);
}

// What would keep gvt-early from setting it at the next boot, each by itself: a way that is barred is no fix. False
// when nothing would.
static bool tell_forbidden(struct check *check, const struct facts *facts)
{
	struct facts *later = malloc(sizeof(*later));
	struct finding leave;
	bool told = false;
	if (!later) {
		check->error = -ENOMEM;
		return false;
	}
	check_take_later(later, facts, NULL, &facts->host.cmdline);
	for (enum host_requirement i = REQUIRE_FREE; check_forbids(later, &i, &leave); i++) {
		struct finding finding = leave, removal = leave, renew;
		finding_make(&renew, "", SEVERITY_OK, CAUSE_NONE);
		fix_renew_initrd(&renew, JOINT_NONE, &facts->tools, NULL);
		bool known = fix_forbidden(facts, i, &removal, JOINT_NONE);
		bool due = !facts->initrd.ran && facts->config.wanted.count > 0 && !fix_has_step(&removal, &renew);
		if (due)
			fix_renew_initrd(&finding, JOINT_NONE, &facts->tools, NULL);
		if (known)
			(void)fix_forbidden(facts, i, &finding, JOINT_COMMA);
		finding_value(&finding, VALUE_LOADER, "%s", facts->boot.i915_loaded_by);
		finding_wrap(&finding, "gvt-param-off", known ? CAUSE_FORBIDDEN_NEXT : CAUSE_FORBIDDEN_OTHERWISE);
		check_take(check, CHECK_I915, &finding);
		told = true;
	}
	free(later);
	return told;
}

// i915 is loaded with enable_gvt=N, and nothing sets it: gvt-early does, where it is in the initrd and nothing bars it.
static void tell_unset(struct check *check, const struct facts *facts)
{
	const struct fix_of of = { .facts = facts };
	bool early = tools_make_early(&facts->tools) && facts->config.settings.early;
	bool unread = facts->modprobe.unread_error == EACCES;
	struct finding leave, finding;
	if (!check_meets(facts, REQUIRE_BOOT, &leave)) {
		finding_value(check_is_skipped(check, CHECK_I915, CAUSE_OFF_LEFT_ALONE), VALUE_NAME, "%s", leave.name);
		return;
	}
	if (!unread && early && tell_forbidden(check, facts))
		return;
	check_begin(&finding, "gvt-param-off", unread ? CAUSE_UNSET_UNREAD : CAUSE_UNSET);
	finding_value(&finding, VALUE_LOADER, "%s", facts->boot.i915_loaded_by);
	finding_value(&finding, VALUE_REASON, "%s", facts->modprobe.unread);
	finding.error = facts->modprobe.unread_error;
	if (!unread) {
		enum joint joint = JOINT_OR;
		check_add_unsure(facts, &finding);
		if (early && facts->config.wanted.count == 0) {
			finding_step(&finding, JOINT_NONE, FIX_ONCE_WANTED);
		} else if (early && !facts->initrd.ran && !facts->boot.damaged) {
			fix_initrd_and_reboot(facts, &finding, JOINT_NONE);
			finding_step(&finding, JOINT_COLON, FIX_SETS_ENABLE);
		} else {
			joint = JOINT_NONE;
		}
		fix_add(&of, "i915.enable_gvt=1", &finding, joint);
	}
	check_take(check, CHECK_I915, &finding);
}

// A line of modprobe.d sets it, and yet i915 was loaded without.
static void tell_line(struct check *check, const struct facts *facts, const struct modprobe_line *line)
{
	struct finding finding;
	bool late = facts->booted && line->changed > facts->booted;
	check_begin(&finding, "gvt-param-off", late ? CAUSE_LINE_TOO_LATE : CAUSE_LINE_NOT_IN_INITRD);
	finding_value(&finding, VALUE_PLACE, "%s", line->place);
	fix_initrd_and_reboot(facts, &finding, JOINT_NONE);
	check_take(check, CHECK_I915, &finding);
}

// i915 is loaded with enable_gvt=N: why.
static void explain_off(struct check *check, const struct facts *facts)
{
	const struct cmdline_word *word = cmdline_last(&facts->host.cmdline, "i915.enable_gvt");
	const struct modprobe_line *line = modprobe_lines_last(&facts->modprobe, "options", "i915", "enable_gvt");
	const struct fix_of of = { .facts = facts };
	struct finding finding;
	if (word && kernel_bool(word->value) == 1) {
		check_begin(&finding, "gvt-param-off", CAUSE_WORD_OVERRULED);
		finding_value(&finding, VALUE_LOADER, "%s", facts->boot.i915_loaded_by);
		fix_reboot(&finding, JOINT_NONE);
		check_take(check, CHECK_I915, &finding);
	} else if (line) {
		tell_line(check, facts, line);
	} else if (check_not_active(check, CHECK_I915, facts, "i915.enable_gvt", "1")) {
		return;
	} else if (check_find_miss(check, &of, "i915.enable_gvt", "1", "gvt-param-off", &finding)) {
		finding_wrap(&finding, "gvt-param-off", CAUSE_OFF_MISSED);
		check_take(check, CHECK_I915, &finding);
	} else if (!tell_odd_line(check, facts)) {
		tell_unset(check, facts);
	}
}

static bool is_foreign(enum cause cause)
{
	return cause == CAUSE_I915_FOREIGN || cause == CAUSE_I915_FOREIGN_ALONE || cause == CAUSE_I915_FOREIGN_UNREAD;
}

// What the admin forbids: what has to go, and from where.
static void tell_blocked(struct check *check, const struct facts *facts, const struct finding *leave,
			 const char *module)
{
	const struct fix_of of = { .facts = facts };
	const char *command = leave->cause == CAUSE_MODULE_FORBIDDEN ? "blacklist"
		: leave->cause == CAUSE_MODULE_REPLACED              ? "install"
								     : NULL;
	const struct modprobe_line *line =
		command ? modprobe_lines_last(&facts->modprobe, command, module, NULL) : NULL;
	struct finding finding = *leave;
	if (line) {
		finding_value(&finding, VALUE_PLACE, "%s", line->place);
		(void)fix_modprobe(&of, command, module, NULL, "", &finding, JOINT_NONE);
		finding_wrap(&finding, leave->name, CAUSE_BLOCKED_AT);
	} else if (leave->word) {
		fix_remove_blamed(&of, &finding, JOINT_NONE);
	} else if (is_foreign(leave->cause)) {
		finding_flag(&finding, VALUE_DKMS_TOOL, facts->host.i915_policy.dkms && facts->tools.has[TOOL_DKMS]);
		fix_initrd_and_reboot(facts, &finding, JOINT_NONE);
		finding_wrap(&finding, leave->name, CAUSE_BLOCKED_BY_FOREIGN);
	} else {
		finding_step(&finding, JOINT_NONE, FIX_REMOVE_FROM_MODPROBE);
		fix_reboot(&finding, JOINT_AND);
	}
	check_take(check, CHECK_I915, &finding);
}

// The kernel command line wins over modprobe.d.
static void fix_guc(const struct facts *facts, struct finding *finding)
{
	const struct fix_of of = { .facts = facts };
	const struct cmdline_word *word = cmdline_last(&facts->host.cmdline, "i915.enable_guc");
	const struct modprobe_line *line = modprobe_lines_last(&facts->modprobe, "options", "i915", "enable_guc");
	if (word) {
		fix_write(&of, "i915.enable_guc=0", word, finding, JOINT_NONE);
	} else if (!line) {
		fix_add(&of, "i915.enable_guc=0", finding, JOINT_NONE);
	} else {
		finding_open_step(finding, JOINT_NONE, FIX_WRITE_GUC);
		finding_value(finding, VALUE_PLACE, "%s", line->place);
		finding_close(finding);
		fix_initrd_and_reboot(facts, finding, JOINT_COMMA);
	}
}

// Kernels before 5.6 take enable_guc=1 and 3 seriously on these GPUs; on later ones it is without effect, unless the
// kernel itself says otherwise (kernel.md, section 2). It says much of GuC submission where that is off or not to be
// had. A GPU that offers types is not run so, whatever is said.
static void judge_guc(struct check *check, const struct facts *facts)
{
	static const char *const parts[] = { "not yet supported with GuC submission", "GuC submission enabled\n",
					     "GUC: submission enabled\n", "GuC submission enabled (firmware" };
	char line[LINE_SIZE] = "";
	unsigned major = 0, minor = 0;
	struct finding finding;
	if (host_types(&facts->host, gpu_list_default(&facts->host.gpus)->address)->count > 0)
		return;
	(void)sscanf(facts->host.release, "%u.%u", &major, &minor);
	bool said = kernel_log_last_of(&facts->log, parts, ARRAY_SIZE(parts), line, sizeof(line));
	bool asked = facts->enable_guc > 0 && facts->enable_guc & 1 && (major < 5 || (major == 5 && minor < 6));
	if (!said && !asked)
		return;
	check_begin(&finding, "guc-submission", said ? CAUSE_GUC_SAID : CAUSE_GUC_ASKED);
	finding_value(&finding, VALUE_SAID, "%s", said ? line : "");
	finding_value(&finding, VALUE_VALUE, "%d", facts->enable_guc);
	finding_value(&finding, VALUE_VERSION, "%u.%u", major, minor);
	fix_guc(facts, &finding);
	check_take(check, CHECK_I915, &finding);
}

// How a module gets in whose signature the kernel does not accept. What it says of the reason (kernel/module/signing.c)
// tells whether a key can help; said is "" where it said nothing.
static void fix_signature(const struct facts *facts, const char *said, const struct past_run_failure *why,
			  struct finding *finding)
{
	const struct fix_of of = { .facts = facts };
	const struct cmdline *words = &facts->host.cmdline;
	const struct cmdline_word *word = cmdline_last(words, "module.sig_enforce");
	bool key = strstr(said, "unavailable key") ||
		(!*said && (past_run_has_error(why, ENOKEY) || past_run_has_error(why, EKEYREJECTED)));
	if (key)
		fix_enroll_key(finding, JOINT_NONE, &facts->tools);
	finding_step(finding, key ? JOINT_OR : JOINT_NONE, FIX_TAKE_SIGNED);
	word = word ? word : cmdline_last(words, "lockdown");
	if (word)
		fix_remove(&of, word, "", finding, JOINT_COMMA_OR);
	else
		finding_step(finding, JOINT_COMMA_OR, FIX_SECURE_BOOT_OFF);
}

// What the kernel said of a signature it did not accept, of whatever module: the last line is of the one that was tried
// last.
static bool signature_line(const struct facts *facts, const struct past_run_failure *why, char *ret, size_t size)
{
	static const char *const parts[] = { "Loading of unsigned module is rejected",
					     "Loading of module with unsupported crypto is rejected",
					     "Loading of module with unavailable key is rejected" };
	ret[0] = '\0';
	if (past_run_has_error(why, EPERM))
		return kernel_log_last(&facts->log, "unsigned module loading is restricted", ret, size);
	return (past_run_has_error(why, EKEYREJECTED) || past_run_has_error(why, ENOKEY)) &&
		kernel_log_last_of(&facts->log, parts, ARRAY_SIZE(parts), ret, size);
}

static bool is_locked_down(const struct facts *facts)
{
	return facts->lockdown[0] && !streq(facts->lockdown, "none");
}

// Why loading a module failed, where the kernel said nothing that tells more.
static void explain_load(const struct facts *facts, struct finding *finding, const char *module,
			 const struct past_run_failure *why)
{
	bool locked = is_locked_down(facts);
	finding->cause = CAUSE_LOAD_FAILED;
	finding_value(finding, VALUE_DETAIL, "%s", why->detail);
	finding_value(finding, VALUE_LOCKDOWN, "%s", locked ? facts->lockdown : "");
	if (past_run_has_error(why, EKEYREJECTED) || past_run_has_error(why, ENOKEY) ||
	    (past_run_has_error(why, EPERM) && locked))
		fix_signature(facts, "", why, finding);
	else if (past_run_has_error(why, ENODEV) && streq(module, "kvmgt"))
		finding_step(finding, JOINT_NONE, FIX_BEFORE_5_19);
	else
		finding_step(finding, JOINT_NONE, FIX_DMESG_OF_MODULE);
}

// The file is no module: its package has to come anew.
static void explain_damaged(const struct facts *facts, struct finding *finding, const struct past_run_failure *why)
{
	finding->cause = CAUSE_LOAD_DAMAGED;
	finding_value(finding, VALUE_DETAIL, "%s", why->detail);
	fix_reinstall_kernel(finding, JOINT_NONE, &facts->tools);
	finding_step(finding, JOINT_COMMA, FIX_MAKES_INITRD);
	fix_reboot(finding, JOINT_COMMA_AND);
}

// What the kernel said of a module that does not fit it. False when it said nothing of that.
static bool explain_misfit(const struct facts *facts, struct finding *finding, const char *module)
{
	static const struct {
		const char *part; // behind the module's name
		bool of_build;    // it, or what it needs, is of another build; else of another kernel
	} reasons[] = { { "Unknown symbol", true },
			{ "disagrees about version of symbol", true },
			{ "version magic", false } };
	char line[LINE_SIZE], part[80];
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
		snprintf(part, sizeof(part), "%s: %s", module, reasons[i].part);
		if (!kernel_log_last(&facts->log, part, line, sizeof(line)))
			continue;
		finding->cause = CAUSE_MODULE_NOT_TAKEN;
		finding_value(finding, VALUE_SAID, "%s", line);
		if (reasons[i].of_build) {
			finding_step(finding, JOINT_NONE, FIX_OTHER_BUILD);
			finding_step(finding, JOINT_COLON, FIX_REMOVE_DKMS);
			fix_run(finding, JOINT_COMMA, "depmod");
			fix_initrd_and_reboot(facts, finding, JOINT_COMMA);
		} else {
			finding_step(finding, JOINT_NONE, FIX_OTHER_KERNEL);
			fix_reinstall_kernel(finding, JOINT_COLON, &facts->tools);
		}
		return true;
	}
	return false;
}

// Why the kernel did not take a module: by what it said itself, else by what our own load of it got, NULL for nothing.
// False when neither says anything. To a damaged file the kernel says many things.
static bool tell_refused(struct check *check, const struct facts *facts, enum requirement at, const char *module,
			 const struct past_run_failure *why)
{
	char line[LINE_SIZE];
	struct finding finding;
	check_begin(&finding, streq(module, "i915") ? "i915-refused" : "kvmgt-refused", CAUSE_NONE);
	finding_value(&finding, VALUE_MODULE, "%s", module);
	if (past_run_is(why, CAUSE_MODULE_DAMAGED)) {
		explain_damaged(facts, &finding, why);
	} else if (explain_misfit(facts, &finding, module)) {
		// told
	} else if (facts->modules_locked) {
		finding.cause = CAUSE_MODULES_LOCKED;
		fix_reboot(&finding, JOINT_NONE);
	} else if (!why || past_run_is(why, CAUSE_MODULE_MISSING)) {
		return false;
	} else if (signature_line(facts, why, line, sizeof(line))) {
		finding.cause = CAUSE_MODULE_NOT_TAKEN;
		finding_value(&finding, VALUE_SAID, "%s", line);
		fix_signature(facts, line, why, &finding);
	} else {
		explain_load(facts, &finding, module, why);
	}
	check_take(check, at, &finding);
	return true;
}

// Why our own load of a module failed, in the last run in which it did; NULL when it did in none.
static const struct past_run_failure *load_failure(const struct facts *facts, const char *step)
{
	const struct past_run_failure *why = past_run_failed(&facts->apply, step);
	return why ? why : past_run_failed(&facts->boot, step);
}

// A DKMS build that has GVT-g: worth knowing when something goes wrong with it.
static void tell_dkms(struct check *check, const struct host *host)
{
	struct finding finding;
	if (!host->i915_policy.dkms)
		return;
	check_begin(&finding, "i915-dkms", CAUSE_I915_DKMS);
	finding_flag(&finding, VALUE_BOTH, host->gvt.kvmgt_policy.dkms);
	finding_value(&finding, VALUE_FILE, "%s", host->i915_policy.file);
	check_take(check, CHECK_I915, &finding);
}

// Nothing keeps i915 from the GPU: what else there is to say of it.
static void judge_i915(struct check *check, const struct facts *facts)
{
	const struct host *host = &facts->host;
	judge_guc(check, facts);
	tell_dkms(check, host);
	if (host->i915_state == MODULE_LIVE)
		finding_flag(check_is_ok(check, CHECK_I915, CAUSE_I915_LOADED), VALUE_PARAMETER,
			     host->gvt.enable_gvt == 1);
	else if (host->modules_trouble[0])
		check_is_unknown(check, CHECK_I915, CAUSE_I915_UNCHECKED);
	else if (!check_modprobe_unread(check, CHECK_I915, facts))
		check_is_ok(check, CHECK_I915, CAUSE_I915_NOT_YET);
}

void check_i915(struct check *check, const struct facts *facts)
{
	struct finding leave;
	if (!check_meets(facts, REQUIRE_BOOT, &leave) && leave.cause == CAUSE_BOOT_NOMODESET) {
		tell_blocked(check, facts, &leave, "i915");
	} else if (!check_meets(facts, REQUIRE_I915, &leave)) {
		tell_blocked(check, facts, &leave, "i915");
	} else if (!check_meets(facts, REQUIRE_KVMGT, &leave)) {
		tell_blocked(check, facts, &leave, "kvmgt");
	} else if (!check_meets(facts, REQUIRE_SWITCH, &leave)) {
		tell_switched_off(check, facts, &leave);
	} else if (!check_meets(facts, REQUIRE_LOADED, &leave)) {
		if (leave.cause == CAUSE_PARAMETER_OFF)
			explain_off(check, facts);
		else
			check_take(check, CHECK_I915, &leave);
	} else if (!check_meets(facts, REQUIRE_KERNEL, &leave) && leave.cause == CAUSE_I915_ABSENT) {
		finding_step(&leave, JOINT_NONE, FIX_BOOT_ONE);
		check_take(check, CHECK_I915, &leave);
	} else if (facts->host.i915_state != MODULE_NOT_LOADED ||
		   !tell_refused(check, facts, CHECK_I915, "i915", load_failure(facts, "load i915"))) {
		judge_i915(check, facts);
	}
}

void check_driver(struct check *check, const struct facts *facts)
{
	const struct host *host = &facts->host;
	const struct past_run *runs[] = { &facts->guest, &facts->apply, &facts->boot }, *hung = NULL;
	bool coming = host->i915_state == MODULE_COMING || host->gvt.kvmgt_state == MODULE_COMING;
	struct finding finding;
	for (size_t i = 0; i < ARRAY_SIZE(runs) && !hung; i++)
		hung = streq(runs[i]->state, "gave-up") ? runs[i] : NULL;
	if (!facts->hung[0] && !coming) {
		check_is_ok(check, CHECK_DRIVER,
			    host->i915_state == MODULE_LIVE ? CAUSE_DRIVER_ANSWERS : CAUSE_DRIVER_NONE);
		return;
	}
	check_begin(&finding, "gvt-hung", facts->hung[0] ? CAUSE_DRIVER_UNANSWERED : CAUSE_DRIVER_INSERTING);
	finding_value(&finding, VALUE_ADDRESS, "%s", gpu_list_default(&host->gpus)->address);
	finding_value(&finding, VALUE_ASKED, "%s", facts->hung);
	finding_value(&finding, VALUE_MODULE, "%s", host->i915_state == MODULE_COMING ? "i915" : "kvmgt");
	finding_flag(&finding, VALUE_GAVE_UP, hung);
	finding_value(&finding, VALUE_STEP, "%s", hung ? past_run_last_step(hung) : "");
	check_take(check, CHECK_DRIVER, &finding);
}

// Whether this boot's early stage did not find kvmgt in the initrd.
static bool initrd_lacks_kvmgt(const struct facts *facts)
{
	return past_run_is(past_run_failed(&facts->boot, "load kvmgt"), CAUSE_MODULE_MISSING) ||
		streq(past_run_last_step(&facts->boot), "kvmgt-missing");
}

void check_kvmgt(struct check *check, const struct facts *facts)
{
	const struct host *host = &facts->host;
	struct finding leave, finding;
	if (host->gvt.kvmgt_state == MODULE_LIVE) {
		check_is_ok(check, CHECK_KVMGT, CAUSE_KVMGT_LOADED);
		return;
	}
	if (!check_meets(facts, REQUIRE_BOOT, &leave)) { // then "apply" does nothing either
		finding_value(check_is_skipped(check, CHECK_KVMGT, CAUSE_KVMGT_LEFT_ALONE), VALUE_NAME, "%s",
			      leave.name);
		return;
	}
	bool absent = !check_meets(facts, REQUIRE_KERNEL, &leave) && leave.cause == CAUSE_KVMGT_ABSENT;
	if (absent) {
		check_begin(&finding, "kvmgt-missing", CAUSE_KVMGT_NOT_BUILT);
	} else if (initrd_lacks_kvmgt(facts)) {
		check_begin(&finding, "kvmgt-missing", CAUSE_KVMGT_NOT_IN_INITRD);
		fix_initrd_and_reboot(facts, &finding, JOINT_NONE);
	} else if (tell_refused(check, facts, CHECK_KVMGT, "kvmgt", load_failure(facts, "load kvmgt"))) {
		return;
	} else if (facts->config.wanted.count > 0) {
		check_begin(&finding, "kvmgt-not-loaded", CAUSE_KVMGT_WANTED);
	} else {
		check_is_skipped(check, CHECK_KVMGT, CAUSE_KVMGT_NOT_YET);
		return;
	}
	finding_value(&finding, VALUE_RELEASE, "%s", host->release);
	check_take(check, CHECK_KVMGT, &finding);
}

// What the kernel log says of types that do not come (gvt_dmesg_strings: intel_gvt.c, handlers.c, kvmgt.c), as the
// reason of what was found.
static void add_reason(const struct facts *facts, struct finding *finding)
{
	static const struct {
		const char *part;
		enum cause means, fix;
	} reasons[] = {
		{ "Unsupported device. GVT-g is disabled", PART_GPU_UNSUPPORTED, FIX_BOOT_ANOTHER },
		{ "GVT-g is disabled for guest", PART_HOST_IS_GUEST, FIX_REAL_HARDWARE },
		{ "assign a handler to a non-tracked mmio", PART_TABLE_BROKEN, FIX_BOOT_NEWER },
		{ "dup mmio definition", PART_TABLE_BROKEN, FIX_BOOT_NEWER },
		{ "fail to start service thread", PART_NO_THREAD, FIX_LOOK_FOR_MEMORY },
		{ "failed to create idle vgpu", PART_NO_IDLE_VGPU, FIX_LOOK_FOR_MEMORY },
		{ "fail to initialize SPT oos", PART_NO_PAGE_TABLES, FIX_LOOK_FOR_MEMORY },
		{ "scratch ggtt page", PART_NO_PAGE, FIX_LOOK_FOR_MEMORY },
		{ "i915: probe of ", PART_NO_START, FIX_DMESG_OF_I915 },
		{ "probe with driver i915 failed", PART_NO_START, FIX_DMESG_OF_I915 },
	};
	char line[LINE_SIZE];
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
		if (!kernel_log_last(&facts->log, reasons[i].part, line, sizeof(line)))
			continue;
		finding_part(finding, VALUE_MEANS, reasons[i].means);
		finding_value(finding, VALUE_SAID, "%s", line);
		finding_step(finding, JOINT_NONE, reasons[i].fix);
		finding_wrap(finding, finding->name, CAUSE_SILENT_AS_LOGGED);
		return;
	}
}

void check_types(struct check *check, const struct facts *facts)
{
	struct finding finding;
	gvt_judge_types(&finding, &facts->host);
	if (finding.severity == SEVERITY_OK) {
		*check_is_ok(check, CHECK_TYPES, finding.cause) = finding;
		return;
	}
	if (streq(finding.name, "gvt-silent"))
		add_reason(facts, &finding);
	check_take(check, CHECK_TYPES, &finding);
}
