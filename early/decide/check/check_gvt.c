// SPDX-License-Identifier: GPL-2.0-or-later
// The requirements of the drivers: i915 with GVT-g, kvmgt, and the types that come of them.
#include <errno.h>
#include <stdio.h>

#include "base/sh_word.h"
#include "decide/check/check.h"

#define LINE_SIZE 160 // of the kernel log, as far as it is shown

// Where enable_gvt=1 is said although another word is the last, or NULL.
static const char *overridden(const struct facts *facts, char *ret, size_t size)
{
	const struct cmdline *cmdline = &facts->host.cmdline;
	for (size_t i = 0; i < cmdline->count; i++)
		if (!cmdline->words[i].for_init && names_equal(cmdline->words[i].name, "i915.enable_gvt") &&
		    kernel_bool(cmdline->words[i].value) == 1) {
			snprintf(ret, size, "i915.enable_gvt=1 on the kernel command line");
			return ret;
		}
	for (size_t i = 0; i < facts->modprobe.count; i++) {
		const struct modprobe_line *line = &facts->modprobe.items[i];
		size_t length;
		const char *value = module_option_value(line->rest, "enable_gvt", &length);
		if (streq(line->command, "options") && names_equal(line->module, "i915") && value && kernel_bool(value) == 1) {
			snprintf(ret, size, "enable_gvt=1 in %s", line->place);
			return ret;
		}
	}
	return NULL;
}

// GVT-g is switched off in words: where, and that they override others that switch it on.
static void tell_switched_off(struct check *check, const struct facts *facts, const struct finding *leave)
{
	const struct cure_of of = { .facts = facts };
	const char *option = streq(leave->name, "i915-blocked") ? "modeset" : "enable_gvt";
	const struct modprobe_line *line = modprobe_lines_last(&facts->modprobe, "options", "i915", option);
	char seen[TEXT_SIZE], by[192], cure[CURE_SIZE] = "", where[200] = "";
	finding_seen(leave, seen, sizeof(seen));
	if (leave->word) {
		cure_remove(&of, leave->word, leave->item, cure, sizeof(cure));
	} else if (line) {
		snprintf(where, sizeof(where), " (%s)", line->place);
		cure_modprobe(&of, "options", "i915", option, "", cure, sizeof(cure));
	}
	if (streq(leave->name, "gvt-switched-off") && facts->host.i915_state == MODULE_LIVE && overridden(facts, by, sizeof(by)))
		check_find(check, CHECK_I915, "gvt-param-off", "i915 was loaded with enable_gvt=N: %s is overridden, %.200s%s" CURE "%s", by,
			   seen, where, cure);
	else
		check_find(check, CHECK_I915, leave->name, "%.300s%s" CURE "%s", seen, where, cure);
}

// A line of modprobe.d that was meant to set it and does not.
static bool tell_odd_line(struct check *check, const struct facts *facts)
{
	const struct modprobe_odd *odd = &facts->modprobe.odd;
	char renew[TOOL_TEXT_SIZE], file[160], from[SH_WORD_SIZE], to[SH_WORD_SIZE], command[2 * SH_WORD_SIZE + 8];
	char run[2 * SH_WORD_SIZE + 16];
	if (!odd->place[0])
		return false;
	snprintf(file, sizeof(file), "%.*s", (int)(strrchr(odd->place, ':') - odd->place), odd->place);
	snprintf(command, sizeof(command), "mv %s %s", sh_word(file, from, sizeof(from)), sh_word(odd->renamed, to, sizeof(to)));
	tools_renew_initrd(&facts->tools, NULL, renew, sizeof(renew));
	if (odd->renamed[0])
		check_find(check, CHECK_I915, "gvt-param-off",
			   "i915 was loaded with enable_gvt=N: %.140s sets it, but modprobe reads only files whose names end in .conf" CURE
			   "%s, %s and reboot",
			   odd->place, sh_run(command, run, sizeof(run)), renew);
	else
		check_find(check, CHECK_I915, "gvt-param-off",
			   "i915 was loaded with enable_gvt=N: '%.100s' in %.140s does not set enable_gvt of i915" CURE
			   "write 'options i915 enable_gvt=1' in %.140s, %s and reboot",
			   odd->line, odd->place, odd->place, renew);
	return true;
}

// How that goes for which gvt-early would leave i915 alone.
static void cure_forbidden(const struct facts *facts, enum host_requirement at, const struct finding *leave, char *ret, size_t size)
{
	const struct cure_of of = { .facts = facts };
	const char *module = at == REQUIRE_KVMGT ? "kvmgt" : "i915";
	ret[0] = '\0';
	if (leave->word)
		cure_remove(&of, leave->word, leave->item, ret, size);
	else if (at == REQUIRE_FREE)
		cure_modprobe(&of, "options", "vfio-pci", "ids", leave->item, ret, size);
	else
		cure_modprobe(&of, strstr(leave->text, "'install ") ? "install" : "blacklist", module, NULL, "", ret, size);
	if (!ret[0])
		snprintf(ret, size, "%s", finding_cure(leave));
}

// What would keep gvt-early from setting it at the next boot, each by itself: a way that is barred is no cure. False when nothing would.
static bool tell_forbidden(struct check *check, const struct facts *facts, const char *loader)
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
		char seen[TEXT_SIZE], removal[CURE_SIZE], renew[TOOL_TEXT_SIZE];
		finding_seen(&leave, seen, sizeof(seen));
		cure_forbidden(facts, i, &leave, removal, sizeof(removal));
		tools_renew_initrd(&facts->tools, NULL, renew, sizeof(renew));
		bool due = !facts->initrd.ran && facts->config.wanted.count > 0 && !strstr(removal, renew);
		check_find(check, CHECK_I915, "gvt-param-off",
			   "i915 was loaded with enable_gvt=N, by %s: nothing sets it, and gvt-early will leave i915 alone at the next boot: "
			   "%.260s" CURE "%s%s%s",
			   loader, seen, due ? renew : "", due ? ", " : "", removal);
		told = true;
	}
	free(later);
	return told;
}

// i915 is loaded with enable_gvt=N, and nothing sets it: gvt-early does, where it is in the initrd and nothing bars it.
static void tell_unset(struct check *check, const struct facts *facts)
{
	const struct cure_of of = { .facts = facts };
	const char *loader = facts->boot.i915_loaded_by[0] ? facts->boot.i915_loaded_by : "somebody else than gvt-early";
	bool early = tools_make_early(&facts->tools) && facts->config.settings.early;
	char cure[CURE_SIZE], renew[TOOL_TEXT_SIZE], way[CURE_SIZE + TOOL_TEXT_SIZE] = "", unsure[200];
	struct finding leave;
	if (!check_meets(facts, REQUIRE_BOOT, &leave)) {
		check_skip(check, CHECK_I915, "loaded with enable_gvt=N: this boot is left alone (%s)", leave.name);
		return;
	}
	if (strstr(facts->modprobe.unread, strerror(EACCES))) {
		check_find(check, CHECK_I915, "gvt-param-off",
			   "i915 was loaded with enable_gvt=N, by %s: nothing that can be read sets it (%s)" CURE "run this command as root", loader,
			   facts->modprobe.unread);
		return;
	}
	if (early && tell_forbidden(check, facts, loader))
		return;
	check_unsure(facts, unsure, sizeof(unsure));
	if (early && facts->config.wanted.count == 0)
		snprintf(way, sizeof(way), "once a vGPU is wanted gvt-early sets enable_gvt from the initrd; or ");
	else if (early && !facts->initrd.ran && !facts->boot.damaged)
		snprintf(way, sizeof(way), "%s and reboot: gvt-early sets enable_gvt from the initrd; or ",
			 tools_renew_initrd(&facts->tools, NULL, renew, sizeof(renew)));
	check_find(check, CHECK_I915, "gvt-param-off", "i915 was loaded with enable_gvt=N, by %s: nothing%s sets it" CURE "%s%s", loader, unsure,
		   way, cure_add(&of, "i915.enable_gvt=1", cure, sizeof(cure)));
}

// i915 is loaded with enable_gvt=N: why.
static void explain_off(struct check *check, const struct facts *facts)
{
	const struct cmdline_word *word = cmdline_last(&facts->host.cmdline, "i915.enable_gvt");
	const struct modprobe_line *line = modprobe_lines_last(&facts->modprobe, "options", "i915", "enable_gvt");
	const struct cure_of of = { .facts = facts };
	struct check_cause cause;
	char renew[TOOL_TEXT_SIZE];
	tools_renew_initrd(&facts->tools, NULL, renew, sizeof(renew));
	if (word && kernel_bool(word->value) == 1) {
		check_find(check, CHECK_I915, "gvt-param-off",
			   "i915 was loaded with enable_gvt=N: i915.enable_gvt=1 stands on the kernel command line, but whoever loaded "
			   "it (%s) overrode that" CURE "find what loads i915 by itself (insmod, modprobe with options) and reboot",
			   facts->boot.i915_loaded_by[0] ? facts->boot.i915_loaded_by : "unknown");
	} else if (line && facts->booted && line->changed > facts->booted) {
		check_find(check, CHECK_I915, "gvt-param-off",
			   "i915 was loaded with enable_gvt=N: %s sets it, but too late, that file was written after this boot" CURE
			   "%s and reboot",
			   line->place, renew);
	} else if (line) {
		check_find(check, CHECK_I915, "gvt-param-off",
			   "i915 was loaded with enable_gvt=N: %s sets it, but the initrd from which i915 was loaded lacks that "
			   "line" CURE "%s and reboot",
			   line->place, renew);
	} else if (check_not_active(check, CHECK_I915, facts, "i915.enable_gvt", "1")) {
		return;
	} else if (check_near_miss(check, &of, "i915.enable_gvt", "1", &cause)) {
		check_find(check, CHECK_I915, "gvt-param-off", "i915 was loaded with enable_gvt=N: %s" CURE "%s", cause.seen, cause.cure);
	} else if (!tell_odd_line(check, facts)) {
		tell_unset(check, facts);
	}
}

// What the admin forbids: what has to go, and from where.
static void tell_blocked(struct check *check, const struct facts *facts, const struct finding *finding, const char *module)
{
	const struct cure_of of = { .facts = facts };
	const char *command = NULL, *cure = finding_cure(finding);
	char seen[TEXT_SIZE], renew[TOOL_TEXT_SIZE], removal[CURE_SIZE] = "";
	finding_seen(finding, seen, sizeof(seen));
	tools_renew_initrd(&facts->tools, NULL, renew, sizeof(renew));
	if (strstr(seen, "'blacklist "))
		command = "blacklist";
	else if (strstr(seen, "'install "))
		command = "install";
	const struct modprobe_line *line = command ? modprobe_lines_last(&facts->modprobe, command, module, NULL) : NULL;
	if (line)
		check_find(check, CHECK_I915, finding->name, "%.300s (%s)" CURE "%s", seen, line->place,
			   cure_modprobe(&of, command, module, NULL, "", removal, sizeof(removal)));
	else if (finding->word)
		check_find(check, CHECK_I915, finding->name, "%.300s" CURE "%s", seen,
			   cure_remove(&of, finding->word, finding->item, removal, sizeof(removal)));
	else if (facts->host.i915_policy.foreign && *cure)
		check_find(check, CHECK_I915, finding->name, "%.300s" CURE "%s%s, %s and reboot", seen, cure,
			   facts->host.i915_policy.dkms && facts->tools.has[TOOL_DKMS] ? " ('dkms status' names it)" : "", renew);
	else
		check_find(check, CHECK_I915, finding->name, "%.300s" CURE "%s", seen,
			   *cure ? cure : "remove what says so from modprobe.d and reboot");
}

// The kernel command line wins over modprobe.d.
static const char *cure_guc(const struct facts *facts, char *ret, size_t size)
{
	const struct cure_of of = { .facts = facts };
	const struct cmdline_word *word = cmdline_last(&facts->host.cmdline, "i915.enable_guc");
	const struct modprobe_line *line = modprobe_lines_last(&facts->modprobe, "options", "i915", "enable_guc");
	char renew[TOOL_TEXT_SIZE];
	if (word)
		return cure_write(&of, "i915.enable_guc=0", word, ret, size);
	if (!line)
		return cure_add(&of, "i915.enable_guc=0", ret, size);
	snprintf(ret, size, "write enable_guc=0 in %s, %s and reboot", line->place,
		 tools_renew_initrd(&facts->tools, NULL, renew, sizeof(renew)));
	return ret;
}

// Kernels before 5.6 take enable_guc=1 and 3 seriously on these GPUs; on later ones it is without effect, unless the kernel
// itself says otherwise (kernel.md, section 2). It says much of GuC submission where that is off or not to be had. A GPU that offers
// types is not run so, whatever is said.
static void judge_guc(struct check *check, const struct facts *facts)
{
	static const char *const parts[] = { "not yet supported with GuC submission", "GuC submission enabled\n", "GUC: submission enabled\n",
					     "GuC submission enabled (firmware" };
	char line[LINE_SIZE], cure[CURE_SIZE];
	unsigned major = 0, minor = 0;
	if (host_types(&facts->host, gpu_list_default(&facts->host.gpus)->address)->count > 0)
		return;
	(void)sscanf(facts->host.release, "%u.%u", &major, &minor);
	bool said = kernel_log_last_of(&facts->log, parts, ARRAY_SIZE(parts), line, sizeof(line));
	bool asked = facts->enable_guc > 0 && facts->enable_guc & 1 && (major < 5 || (major == 5 && minor < 6));
	if (said)
		check_find(check, CHECK_I915, "guc-submission",
			   "i915 runs the GPU by its GuC, which excludes GVT-g (kernel log: %s)" CURE "%s", line,
			   cure_guc(facts, cure, sizeof(cure)));
	else if (asked)
		check_find(check, CHECK_I915, "guc-submission",
			   "enable_guc=%d lets the GuC run the GPU, which excludes GVT-g on Linux %u.%u" CURE "%s",
			   facts->enable_guc, major, minor, cure_guc(facts, cure, sizeof(cure)));
}

// How a module gets in whose signature the kernel does not accept. What it says of the reason (kernel/module/signing.c) tells
// whether a key can help; said is "" where it said nothing.
static void cure_signature(const struct facts *facts, const char *said, const struct past_run_failure *why, char *ret, size_t size)
{
	char enroll[TOOL_TEXT_SIZE + 8] = "", removal[CURE_SIZE];
	const struct cmdline *words = &facts->host.cmdline;
	if (strstr(said, "unavailable key") || (!*said && (past_run_has_error(why, ENOKEY) || past_run_has_error(why, EKEYREJECTED)))) {
		tools_enroll_key(&facts->tools, enroll, sizeof(enroll));
		strcat(enroll, "; or ");
	}
	const struct cure_of of = { .facts = facts };
	const struct cmdline_word *word = cmdline_last(words, "module.sig_enforce");
	word = word ? word : cmdline_last(words, "lockdown");
	snprintf(ret, size, "%stake the distribution's signed module, or %s", enroll,
		 word ? cure_remove(&of, word, "", removal, sizeof(removal)) : "switch Secure Boot off in the firmware setup");
}

// What the kernel said of a signature it did not accept, of whatever module: the last line is of the one that was tried last.
static bool signature_line(const struct facts *facts, const struct past_run_failure *why, char *ret, size_t size)
{
	static const char *const parts[] = { "Loading of unsigned module is rejected", "Loading of module with unsupported crypto is rejected",
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
static void tell_load_error(struct check *check, const struct facts *facts, enum requirement at, const char *name, const char *module,
			    const struct past_run_failure *why)
{
	char cure[CURE_SIZE + TOOL_TEXT_SIZE];
	bool locked = is_locked_down(facts);
	if (past_run_has_error(why, EKEYREJECTED) || past_run_has_error(why, ENOKEY) || (past_run_has_error(why, EPERM) && locked))
		cure_signature(facts, "", why, cure, sizeof(cure));
	else if (past_run_has_error(why, ENODEV) && streq(module, "kvmgt"))
		snprintf(cure, sizeof(cure), "before Linux 5.19 that means that i915 did not start GVT-g: 'dmesg | grep -iE \"i915|gvt\"' may say why");
	else
		snprintf(cure, sizeof(cure), "'dmesg | grep %s' may say more", module);
	check_find(check, at, name, "%s could not be loaded: %.200s%s%s%s" CURE "%s", module, why->detail, locked ? " (lockdown: " : "",
		   locked ? facts->lockdown : "", locked ? ")" : "", cure);
}

// Why the kernel did not take a module: by what it said itself, else by what our own load of it got, NULL for nothing. False when
// neither says anything. To a damaged file the kernel says many things.
static bool tell_refused(struct check *check, const struct facts *facts, enum requirement at, const char *module,
			 const struct past_run_failure *why)
{
	static const struct {
		const char *part; // behind the module's name
		bool of_build;    // it, or what it needs, is of another build; else of another kernel
	} reasons[] = { { "Unknown symbol", true }, { "disagrees about version of symbol", true }, { "version magic", false } };
	char line[LINE_SIZE], part[80], text[TOOL_TEXT_SIZE], cure[CURE_SIZE + TOOL_TEXT_SIZE];
	const char *name = streq(module, "i915") ? "i915-refused" : "kvmgt-refused";
	if (past_run_is(why, CAUSE_MODULE_DAMAGED)) {
		check_find(check, at, name, "%s could not be loaded: %.240s" CURE "%s, which makes its initrd anew as well, and reboot", module,
			   why->detail, tools_reinstall_kernel(&facts->tools, text, sizeof(text)));
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
		snprintf(part, sizeof(part), "%s: %s", module, reasons[i].part);
		if (!kernel_log_last(&facts->log, part, line, sizeof(line)))
			continue;
		if (reasons[i].of_build)
			snprintf(cure, sizeof(cure), "it and what it needs are not of one build: remove a DKMS i915, run 'depmod', %s and reboot",
				 tools_renew_initrd(&facts->tools, NULL, text, sizeof(text)));
		else
			snprintf(cure, sizeof(cure), "it is of another kernel: %s",
				 tools_reinstall_kernel(&facts->tools, text, sizeof(text)));
		check_find(check, at, name, "the kernel did not take %s: %s" CURE "%s", module, line, cure);
		return true;
	}
	if (facts->modules_locked) {
		check_find(check, at, name,
			   "%s is not loaded, and kernel.modules_disabled=1 lets no module in any more" CURE
			   "let gvt-early load it from the initrd, or remove that sysctl, and reboot",
			   module);
		return true;
	}
	if (!why || past_run_is(why, CAUSE_MODULE_MISSING))
		return false;
	if (signature_line(facts, why, line, sizeof(line))) {
		cure_signature(facts, line, why, cure, sizeof(cure));
		check_find(check, at, name, "the kernel did not take %s: %s" CURE "%s", module, line, cure);
	} else {
		tell_load_error(check, facts, at, name, module, why);
	}
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
	const struct module_policy *i915 = &host->i915_policy, *kvmgt = &host->kvmgt_policy;
	if (i915->dkms)
		check_find(check, CHECK_I915, "i915-dkms", "i915%s a DKMS build, with GVT-g: %s", kvmgt->dkms ? " and kvmgt are" : " is",
			   i915->file);
}

void check_i915(struct check *check, const struct facts *facts)
{
	const struct host *host = &facts->host;
	struct finding leave;
	if (!check_meets(facts, REQUIRE_BOOT, &leave) && streq(leave.name, "i915-blocked")) {
		tell_blocked(check, facts, &leave, "i915");
	} else if (!check_meets(facts, REQUIRE_I915, &leave)) {
		tell_blocked(check, facts, &leave, "i915");
	} else if (!check_meets(facts, REQUIRE_KVMGT, &leave)) {
		tell_blocked(check, facts, &leave, "kvmgt");
	} else if (!check_meets(facts, REQUIRE_SWITCH, &leave)) {
		tell_switched_off(check, facts, &leave);
	} else if (!check_meets(facts, REQUIRE_LOADED, &leave)) {
		if (streq(leave.name, "gvt-param-off"))
			explain_off(check, facts);
		else
			check_take(check, CHECK_I915, &leave);
	} else if (!check_meets(facts, REQUIRE_KERNEL, &leave) && streq(leave.name, "i915-missing")) {
		check_find(check, CHECK_I915, "i915-missing", "%s" CURE "boot a kernel that has it", leave.text);
	} else if (host->i915_state != MODULE_NOT_LOADED ||
		   !tell_refused(check, facts, CHECK_I915, "i915", load_failure(facts, "load i915"))) {
		judge_guc(check, facts);
		tell_dkms(check, host);
		if (host->i915_state == MODULE_LIVE)
			check_ok(check, CHECK_I915, "loaded%s", host->enable_gvt == 1 ? " with enable_gvt=Y" : " (only root can read enable_gvt)");
		else if (host->modules_trouble[0])
			check_unknown(check, CHECK_I915, "not checked: the modules of this kernel cannot be found");
		else if (!check_modprobe_unread(check, CHECK_I915, facts))
			check_ok(check, CHECK_I915, "not loaded yet; gvt-early loads it with enable_gvt=1");
	}
}

void check_driver(struct check *check, const struct facts *facts)
{
	const struct host *host = &facts->host;
	const char *gpu = gpu_list_default(&host->gpus)->address;
	const struct past_run *runs[] = { &facts->guest, &facts->apply, &facts->boot }, *hung = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(runs) && !hung; i++)
		hung = streq(runs[i]->state, "gave-up") ? runs[i] : NULL;
	const char *gave_up = hung ? "; gvt-early gave up at: " : "", *step = hung ? past_run_last_step(hung) : "";
	if (facts->hung[0])
		check_find(check, CHECK_DRIVER, "gvt-hung", "the driver of %s does not answer when asked for %s%s%s" CURE
			   "reboot; if it comes again, send 'dmesg' to whoever makes this kernel, or boot another one",
			   gpu, facts->hung, gave_up, step);
	else if (host->i915_state == MODULE_COMING || host->kvmgt_state == MODULE_COMING)
		check_find(check, CHECK_DRIVER, "gvt-hung", "%s is still being inserted%s%s" CURE
			   "if that does not end, reboot, or boot another kernel",
			   host->i915_state == MODULE_COMING ? "i915" : "kvmgt", gave_up, step);
	else
		check_ok(check, CHECK_DRIVER, host->i915_state == MODULE_LIVE ? "it answers" : "none is loaded that could hang");
}

void check_kvmgt(struct check *check, const struct facts *facts)
{
	const struct host *host = &facts->host;
	if (host->kvmgt_state == MODULE_LIVE) {
		check_ok(check, CHECK_KVMGT, "loaded");
		return;
	}
	struct finding leave;
	char renew[TOOL_TEXT_SIZE];
	if (!check_meets(facts, REQUIRE_BOOT, &leave)) { // then "apply" does nothing either
		check_skip(check, CHECK_KVMGT, "not loaded: this boot is left alone (%s)", leave.name);
		return;
	}
	if (!check_meets(facts, REQUIRE_KERNEL, &leave) && streq(leave.name, "kvmgt-missing")) {
		check_find(check, CHECK_KVMGT, "kvmgt-missing",
			   "kernel %s has no module kvmgt: it was built without GVT-g, or its package is incomplete" CURE
			   "boot a kernel that has it, such as Proxmox VE's or Debian's own",
			   host->release);
	} else if (past_run_is(past_run_failed(&facts->boot, "load kvmgt"), CAUSE_MODULE_MISSING) ||
		   streq(past_run_last_step(&facts->boot), "kvmgt-missing")) {
		check_find(check, CHECK_KVMGT, "kvmgt-missing",
			   "kernel %s has a module kvmgt, but this boot's initrd has not" CURE "%s and reboot ('gvt-early apply' loads it now)",
			   host->release, tools_renew_initrd(&facts->tools, NULL, renew, sizeof(renew)));
	} else if (tell_refused(check, facts, CHECK_KVMGT, "kvmgt", load_failure(facts, "load kvmgt"))) {
		return;
	} else if (facts->config.wanted.count > 0) {
		check_find(check, CHECK_KVMGT, "kvmgt-not-loaded", "kvmgt is not loaded, though vGPUs are wanted" CURE
			   "run 'gvt-early apply'");
	} else {
		check_skip(check, CHECK_KVMGT, "not loaded yet; gvt-early loads it once a vGPU is wanted");
	}
}

// What the kernel log says of types that do not come (gvt_dmesg_strings: intel_gvt.c, handlers.c, kvmgt.c).
static bool tell_reason(struct check *check, const struct facts *facts, const char *seen)
{
	static const struct {
		const char *part, *means, *cure;
	} reasons[] = {
		{ "Unsupported device. GVT-g is disabled", "this kernel's i915 has no GVT-g for this GPU", "boot another kernel; 'gvt-early check' there says whether it can" },
		{ "GVT-g is disabled for guest", "this host is itself a guest with a vGPU", "GVT-g works on real hardware only" },
		{ "assign a handler to a non-tracked mmio", "this kernel's table of the GPU's registers is broken", "boot another kernel, such as 6.1 or later" },
		{ "dup mmio definition", "this kernel's table of the GPU's registers is broken", "boot another kernel, such as 6.1 or later" },
		{ "fail to start service thread", "kvmgt could not start its thread", "reboot; see whether the host is out of memory" },
		{ "failed to create idle vgpu", "kvmgt could not make its idle vGPU", "reboot; see whether the host is out of memory" },
		{ "fail to initialize SPT oos", "kvmgt could not set up its page tables", "reboot; see whether the host is out of memory" },
		{ "scratch ggtt page", "kvmgt could not map a page", "reboot; see whether the host is out of memory" },
		{ "i915: probe of ", "i915 could not start the GPU", "see 'dmesg | grep i915'; boot another kernel" },
		{ "probe with driver i915 failed", "i915 could not start the GPU", "see 'dmesg | grep i915'; boot another kernel" },
	};
	char line[LINE_SIZE];
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		if (kernel_log_last(&facts->log, reasons[i].part, line, sizeof(line))) {
			check_find(check, CHECK_TYPES, "gvt-silent", "%.180s: %s (kernel log: %.150s)" CURE "%s", seen, reasons[i].means,
				   line, reasons[i].cure);
			return true;
		}
	return false;
}

void check_types(struct check *check, const struct facts *facts)
{
	struct finding finding;
	char seen[TEXT_SIZE];
	judge_types(&finding, &facts->host);
	finding_seen(&finding, seen, sizeof(seen));
	if (finding.severity == SEVERITY_OK)
		check_ok(check, CHECK_TYPES, "%s", finding.text);
	else if (!streq(finding.name, "gvt-silent") || !tell_reason(check, facts, seen))
		check_take(check, CHECK_TYPES, &finding);
}
