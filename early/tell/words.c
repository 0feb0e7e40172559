// SPDX-License-Identifier: GPL-2.0-or-later
#include "tell/words.h"

#define BETWEEN "; "

const struct word_table *const word_tables[] = {
	&words_host, &words_iommu,      &words_fix,  &words_plan,  &words_vgpus, &words_cmdline,
	&words_gvt,  &words_host_check, &words_next, &words_sriov, NULL,
};

const struct words *words_of(enum cause cause)
{
	static const struct words none = { CAUSE_NONE, "", "", NULL };
	static const struct words *by_cause[CAUSES]; // filled at the first call
	if (!by_cause[CAUSE_NONE]) {
		for (size_t i = 0; word_tables[i]; i++)
			for (size_t j = 0; j < word_tables[i]->count; j++)
				by_cause[word_tables[i]->rows[j].cause] = &word_tables[i]->rows[j];
		by_cause[CAUSE_NONE] = &none;
	}
	return by_cause[cause] ? by_cause[cause] : &none;
}

static const char *const value_names[VALUES] = {
	[VALUE_NONE] = "",
	[VALUE_FIX] = "fix",
	[VALUE_BECAUSE] = "because",
	[VALUE_ADDRESS] = "address",
	[VALUE_APERTURE] = "aperture",
	[VALUE_ASKED] = "asked",
	[VALUE_AT_MOST] = "at-most",
	[VALUE_BEFORE] = "before",
	[VALUE_BESIDE] = "beside",
	[VALUE_BOTH] = "both",
	[VALUE_BUILD] = "build",
	[VALUE_BY] = "by",
	[VALUE_COMMAND] = "command",
	[VALUE_COMMON] = "common",
	[VALUE_COUNT] = "count",
	[VALUE_DENIED] = "denied",
	[VALUE_DETAIL] = "detail",
	[VALUE_DEVICE] = "device",
	[VALUE_DIFFERENCES] = "differences",
	[VALUE_DKMS] = "dkms",
	[VALUE_DKMS_TOOL] = "dkms-tool",
	[VALUE_DRIVER] = "driver",
	[VALUE_EARLY] = "early",
	[VALUE_ELSEWHERE] = "elsewhere",
	[VALUE_ESPS] = "esps",
	[VALUE_ESP] = "esp",
	[VALUE_FAILS] = "fails",
	[VALUE_FENCES] = "fences",
	[VALUE_FILE] = "file",
	[VALUE_FIRST] = "first",
	[VALUE_FIT] = "fit",
	[VALUE_FORBIDS] = "forbids",
	[VALUE_FOREIGN] = "foreign",
	[VALUE_FOUND] = "found",
	[VALUE_FREE] = "free",
	[VALUE_FREE_HIGH] = "free-high",
	[VALUE_FREE_LOW] = "free-low",
	[VALUE_FROM] = "from",
	[VALUE_GAVE_UP] = "gave-up",
	[VALUE_GIVER] = "giver",
	[VALUE_GPU] = "gpu",
	[VALUE_GROWTH] = "growth",
	[VALUE_GUESTS] = "guests",
	[VALUE_GUEST] = "guest",
	[VALUE_HAS] = "has",
	[VALUE_HELD] = "held",
	[VALUE_HIGH] = "high",
	[VALUE_HOLDERS] = "holders",
	[VALUE_HOST_HIGH] = "host-high",
	[VALUE_HOST_LOW] = "host-low",
	[VALUE_INITRDS] = "initrds",
	[VALUE_INITRD] = "initrd",
	[VALUE_INSTALLED] = "installed",
	[VALUE_ITEM] = "item",
	[VALUE_KERNEL] = "kernel",
	[VALUE_KNOWN] = "known",
	[VALUE_LACKING] = "lacking",
	[VALUE_LINES] = "lines",
	[VALUE_LINE] = "line",
	[VALUE_LIST] = "list",
	[VALUE_LOADER] = "loader",
	[VALUE_LOCKDOWN] = "lockdown",
	[VALUE_LOSERS] = "losers",
	[VALUE_LOSERS_MORE] = "losers-more",
	[VALUE_LOW] = "low",
	[VALUE_MACHINE] = "machine",
	[VALUE_MAPPING] = "mapping",
	[VALUE_MEANS] = "means",
	[VALUE_MODEL] = "model",
	[VALUE_MODULE] = "module",
	[VALUE_MORE] = "more",
	[VALUE_MOST] = "most",
	[VALUE_NAMES] = "names",
	[VALUE_NAME] = "name",
	[VALUE_NEAREST] = "nearest",
	[VALUE_NEEDED] = "needed",
	[VALUE_NEED_HIGH] = "need-high",
	[VALUE_NEED_LOW] = "need-low",
	[VALUE_NEXT] = "next",
	[VALUE_NOW] = "now",
	[VALUE_NO_INFO] = "no-info",
	[VALUE_OFFERED] = "offered",
	[VALUE_OPTION] = "option",
	[VALUE_OTHER] = "other",
	[VALUE_OWNER] = "owner",
	[VALUE_PACKAGE] = "package",
	[VALUE_PARAMETER] = "parameter",
	[VALUE_PARENT] = "parent",
	[VALUE_PARENT_THERE] = "parent-there",
	[VALUE_PATH] = "path",
	[VALUE_PIN] = "pin",
	[VALUE_PIN_FROM] = "pin-from",
	[VALUE_PLACE] = "place",
	[VALUE_PROBLEM] = "problem",
	[VALUE_PROBLEM_FIX] = "problem-fix",
	[VALUE_PROCESS] = "process",
	[VALUE_PROGRAM] = "program",
	[VALUE_QM] = "qm",
	[VALUE_REASON] = "reason",
	[VALUE_RELEASE] = "release",
	[VALUE_REQUIREMENT] = "requirement",
	[VALUE_RIGHT] = "right",
	[VALUE_ROOT] = "root",
	[VALUE_RULE] = "rule",
	[VALUE_RUN] = "run",
	[VALUE_SAID] = "said",
	[VALUE_SECONDS] = "seconds",
	[VALUE_SEVERAL] = "several",
	[VALUE_SIZES] = "sizes",
	[VALUE_SLOT] = "slot",
	[VALUE_SOURCE] = "source",
	[VALUE_STEP] = "step",
	[VALUE_STOPPED] = "stopped",
	[VALUE_SUCH] = "such",
	[VALUE_TAKEN_HIGH] = "taken-high",
	[VALUE_TAKEN_LOW] = "taken-low",
	[VALUE_THERE] = "there",
	[VALUE_TOOL] = "tool",
	[VALUE_TOTAL] = "total",
	[VALUE_TYPE] = "type",
	[VALUE_TYPE_THERE] = "type-there",
	[VALUE_UNIT] = "unit",
	[VALUE_UNMOUNTED] = "unmounted",
	[VALUE_UNREADABLE] = "unreadable",
	[VALUE_UNSURE] = "unsure",
	[VALUE_USER] = "user",
	[VALUE_USE] = "use",
	[VALUE_UUID] = "uuid",
	[VALUE_VALUE] = "value",
	[VALUE_VARIABLE] = "variable",
	[VALUE_VERSION] = "version",
	[VALUE_VMID] = "vmid",
	[VALUE_WHAT] = "what",
	[VALUE_WHERE] = "where",
	[VALUE_WHY] = "why",
	[VALUE_WORDS] = "words",
	[VALUE_WORD] = "word",
};

const char *value_name(enum value value)
{
	return value_names[value];
}

//
// Telling
//

struct teller {
	const struct finding *finding;
	char *text;
	size_t size, used;
};

// Where values are looked for: the records of a part, then those around it.
struct scope {
	const char *at, *end;
	const char *because_end; // a reason has been told in another one up to here
	const struct scope *outer;
};

static void tell(struct teller *teller, const struct scope *scope, const char *pattern, size_t length);

static void put(struct teller *teller, const char *text, size_t length)
{
	size_t room = teller->size - 1 - teller->used;
	length = length < room ? length : room;
	memcpy(teller->text + teller->used, text, length);
	teller->used += length;
	teller->text[teller->used] = '\0';
}

static const char *joint_text(enum joint joint)
{
	static const char *const texts[JOINTS] = {
		[JOINT_COMMA] = ", ",     [JOINT_AND] = " and ", [JOINT_COMMA_AND] = ", and ",
		[JOINT_THEN] = ", then ", [JOINT_OR] = "; or ",  [JOINT_COMMA_OR] = ", or ",
		[JOINT_SEMICOLON] = "; ", [JOINT_COLON] = ": ",  [JOINT_NONE] = "",
	};
	return texts[joint];
}

// The nearest scope that has a value; NULL when none has.
static const struct scope *scope_of(const struct scope *scope, enum value value)
{
	for (; scope; scope = scope->outer) {
		struct finding_record record;
		const char *at = scope->at;
		while (finding_next_record(&at, value == VALUE_BECAUSE ? scope->because_end : scope->end, &record))
			if (record.value == value)
				return scope;
	}
	return NULL;
}

static void tell_record(struct teller *teller, const struct scope *scope, const struct finding_record *record)
{
	if (!record->has_part) {
		put(teller, record->text, strlen(record->text));
		return;
	}
	const char *sentence = words_of(record->part)->sentence;
	const struct scope inner = { record->inner, record->inner_end, record->inner_end, scope };
	tell(teller, record->inner ? &inner : scope, sentence, strlen(sentence));
}

// A reason may have one itself: the last that was set is told, with those before it.
static void tell_because(struct teller *teller, const struct scope *scope, bool fix)
{
	const struct scope *found = scope_of(scope, VALUE_BECAUSE);
	struct finding_record record, last = { .value = VALUE_NONE };
	struct scope before;
	if (!found)
		return;
	before = *found;
	for (const char *at = found->at, *from = at; finding_next_record(&at, found->because_end, &record); from = at)
		if (record.value == VALUE_BECAUSE) {
			last = record;
			before.because_end = from;
		}
	const struct words *words = words_of(last.part);
	const char *pattern = fix ? words->fix : words->sentence;
	if (pattern)
		tell(teller, &before, pattern, strlen(pattern));
}

// last: before the last of a list, NULL for the same as between.
static void tell_value(struct teller *teller, const struct scope *scope, enum value value, const char *between,
		       size_t between_length, const char *last, size_t last_length)
{
	const struct scope *found = scope_of(scope, value);
	struct finding_record record;
	size_t count = 0, total = 0;
	if (!found)
		return;
	for (const char *at = found->at; finding_next_record(&at, found->end, &record);)
		total += record.value == value;
	for (const char *at = found->at; finding_next_record(&at, found->end, &record);) {
		if (record.value != value)
			continue;
		count++;
		if (count > 1 && value == VALUE_FIX)
			put(teller, joint_text(record.joint), strlen(joint_text(record.joint)));
		else if (count > 1 && count == total && last)
			put(teller, last, last_length);
		else if (count > 1)
			put(teller, between, between_length);
		tell_record(teller, found, &record);
	}
}

static enum value value_of(const char *name, size_t length)
{
	for (enum value value = VALUE_NONE + 1; value < VALUES; value++)
		if (strlen(value_names[value]) == length && strncmp(value_names[value], name, length) == 0)
			return value;
	return VALUE_NONE;
}

// How many bytes come before a character that stands in no braces; all when there is none.
static size_t until(const char *pattern, size_t length, char wanted)
{
	size_t depth = 0;
	for (size_t i = 0; i < length; i++) {
		if (depth == 0 && pattern[i] == wanted)
			return i;
		depth += pattern[i] == '{';
		depth -= pattern[i] == '}';
	}
	return length;
}

static bool is_one(const struct scope *scope, enum value value)
{
	const struct scope *found = scope_of(scope, value);
	struct finding_record record;
	for (const char *at = found ? found->at : NULL; found && finding_next_record(&at, found->end, &record);)
		if (record.value == value)
			return !record.has_part && streq(record.text, "1");
	return false;
}

// What stands in braces.
static void tell_braces(struct teller *teller, const struct scope *scope, const char *inner, size_t length)
{
	size_t name = 0;
	while (name < length && !strchr("?:/", inner[name]))
		name++;
	enum value value = value_of(inner, name);
	char sign = name < length ? inner[name] : '\0';
	const char *rest = inner + name + (sign != '\0');
	size_t rest_length = length - name - (sign != '\0');
	if (sign == '?' || sign == ':') {
		size_t first = until(rest, rest_length, '|');
		if (sign == '?' ? scope_of(scope, value) != NULL : is_one(scope, value))
			tell(teller, scope, rest, first);
		else if (first < rest_length)
			tell(teller, scope, rest + first + 1, rest_length - first - 1);
	} else if (sign == '/') {
		size_t between = until(rest, rest_length, '/');
		bool last = between < rest_length;
		tell_value(teller, scope, value, rest, between, last ? rest + between + 1 : NULL,
			   last ? rest_length - between - 1 : 0);
	} else if (strncmp(inner, "error", length) == 0) {
		put(teller, strerror(teller->finding->error), strlen(strerror(teller->finding->error)));
	} else if (strncmp(inner, "because-fix", length) == 0 || value == VALUE_BECAUSE) {
		tell_because(teller, scope, value != VALUE_BECAUSE);
	} else {
		tell_value(teller, scope, value, ", ", 2, NULL, 0);
	}
}

static void tell(struct teller *teller, const struct scope *scope, const char *pattern, size_t length)
{
	while (length > 0) {
		size_t plain = until(pattern, length, '{');
		put(teller, pattern, plain);
		pattern += plain;
		length -= plain;
		if (length == 0)
			return;
		size_t inner = until(pattern + 1, length - 1, '}');
		tell_braces(teller, scope, pattern + 1, inner);
		pattern += inner + 2;
		length -= inner + 2;
	}
}

static struct scope whole(const struct finding *finding)
{
	const char *end = finding->values + finding->used;
	return (struct scope){ finding->values, end, end, NULL };
}

char *finding_seen(const struct finding *finding, char *ret, size_t size)
{
	struct teller teller = { .finding = finding, .text = ret, .size = size };
	const struct scope scope = whole(finding);
	const char *sentence = words_of(finding->cause)->sentence;
	ret[0] = '\0';
	tell(&teller, &scope, sentence, strlen(sentence));
	return ret;
}

char *finding_fix(const struct finding *finding, char *ret, size_t size)
{
	struct teller teller = { .finding = finding, .text = ret, .size = size };
	const struct scope scope = whole(finding);
	const char *fix = words_of(finding->cause)->fix;
	ret[0] = '\0';
	if (finding_has(finding, VALUE_FIX) && (!fix || !strstr(fix, "{fix}")))
		fix = "{fix}";
	if (fix)
		tell(&teller, &scope, fix, strlen(fix));
	return ret;
}

char *finding_text(const struct finding *finding, char *ret, size_t size)
{
	finding_seen(finding, ret, size);
	size_t seen = strlen(ret), used = seen + strlen(BETWEEN);
	if (used + 1 < size && *finding_fix(finding, ret + used, size - used))
		memcpy(ret + seen, BETWEEN, strlen(BETWEEN));
	return ret;
}
