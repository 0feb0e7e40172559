// SPDX-License-Identifier: GPL-2.0-or-later
#include "tell/plan_json.h"

#include "base/json_text.h"
#include "tell/finding_data.h"
#include "tell/words.h"

const char *stance_name(enum stance stance)
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

const char *step_name(enum instance_step step)
{
	static const char *const names[] = {
		[INSTANCE_CREATE] = "create", [INSTANCE_NO_ROOM] = "no-room",   [INSTANCE_EXISTS] = "existing",
		[INSTANCE_REMAKE] = "remake", [INSTANCE_CONFLICT] = "conflict", [INSTANCE_HOPELESS] = "failed",
	};
	return names[step];
}

json_t *finding_json(const struct finding *finding)
{
	char text[SENTENCE_SIZE];
	json_t *json = json_pack("{s:s, s:s, s:o}", "name", finding->name, "severity", severity_name(finding->severity),
				 "text", json_text(finding_text(finding, text, sizeof(text))));
	finding_add_data(json, finding);
	return json;
}

static json_t *messages_json(const struct message *messages, size_t count)
{
	json_t *json = json_array();
	for (size_t i = 0; i < count; i++) {
		char text[TEXT_SIZE];
		snprintf(text, sizeof(text), "%s%s%s", messages[i].text, messages[i].fix[0] ? "; " : "",
			 messages[i].fix);
		json_array_append_new(json, json_text(text));
	}
	return json;
}

json_t *problems_json(const struct config *config)
{
	return messages_json(config->problems, config->problem_count);
}

json_t *warnings_json(const struct config *config)
{
	return messages_json(config->warnings.items, config->warnings.count);
}
