// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/module_rules.h"

// A module that a list on the kernel command line keeps away.
static bool judge_lists(struct finding *leave, const char *name, const struct host *host, const char *module)
{
	static const struct {
		const char *name;
		bool forbids;
	} lists[] = { { "module_blacklist", true }, { "modprobe.blacklist", false }, { "rd.driver.blacklist", false } };
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		const struct cmdline_word *word = cmdline_lists(&host->cmdline, lists[i].name, module, true);
		if (!word)
			continue;
		finding_make(leave, name, SEVERITY_WARNING, CAUSE_MODULE_LISTED);
		finding_value(leave, VALUE_LIST, "%s", lists[i].name);
		finding_flag(leave, VALUE_FORBIDS, lists[i].forbids);
		finding_value(leave, VALUE_MODULE, "%s", module);
		finding_blame(leave, word, module);
		return true;
	}
	return false;
}

enum stance module_judge(struct finding *ret_leave, const char *name, const struct host *host, const char *module,
			 enum module_state state, const struct module_policy *policy)
{
	if (state == MODULE_LIVE)
		return STANCE_ACT;
	if (judge_lists(ret_leave, name, host, module))
		return STANCE_ADMIN;
	if (!policy->blacklisted && !policy->install_command)
		return STANCE_ACT;
	finding_make(ret_leave, name, SEVERITY_WARNING,
		     policy->blacklisted ? CAUSE_MODULE_FORBIDDEN : CAUSE_MODULE_REPLACED);
	finding_value(ret_leave, VALUE_MODULE, "%s", module);
	return STANCE_ADMIN;
}
