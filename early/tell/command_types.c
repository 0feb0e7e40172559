// SPDX-License-Identifier: GPL-2.0-or-later
// "types": what the GPUs offer, who has how much of it, and what else would fit.
#include <jansson.h>
#include <stdio.h>

#include "base/output.h"
#include "base/exitcode.h"
#include "base/json_text.h"
#include "base/log.h"
#include "base/terminal.h"
#include "decide/gvt_capacity.h"
#include "decide/gvt_rules.h"
#include "tell/bar.h"
#include "tell/command.h"
#include "tell/finding_text.h"
#include "tell/overview.h"
#include "tell/plan_json.h"
#include "tell/types_vfs.h"
#include "tell/words.h"

#define BAR_AT         20
#define OFFER_COLUMNS  69 // of the table of types; with less it leaves columns out
#define MIXES_SHOWN    6
#define LABELS         "ABCDEFGIJKLMNOPQRSTUVWXYZ" // without the host's; a GPU has seven vGPUs at most
#define FIRMWARE_FIRST 256                         // MiB: apertures that firmware setups offer
#define FIRMWARE_LAST  4096

// One GPU, with all that is to be told of it.
struct view {
	const struct overview *look;
	const struct gpu *gpu;
	const struct offer_list *offers;
	struct capacity_use use, left;
	struct capacity_need total;
	struct capacity_mix mixes[CAPACITY_MIXES_MAX];
	size_t mix_count;
};

static void view_gpu(struct view *view, const struct overview *look, const struct gpu *gpu,
		     const struct offer_list *offers)
{
	*view = (struct view){ .look = look, .gpu = gpu, .offers = offers };
	capacity_used(&view->use, gpu, &look->host.instances);
	capacity_total(gpu, &view->total);
	capacity_left(gpu, &view->use, &view->left);
	view->mix_count = offers->taken ? 0 : capacity_mixes(gpu, &view->use, view->mixes);
	view->left.count = 0; // by the limit of numbers alone it says too much
	for (size_t i = 0; i < CAPACITY_SIZES && !offers->taken; i++) {
		unsigned room = capacity_offers(gpu, &capacity_sizes[i])
			? capacity_room(gpu, &view->use, &capacity_sizes[i])
			: 0;
		view->left.count = room > view->left.count ? room : view->left.count;
	}
}

static bool is_on(const struct instance *instance, const struct gpu *gpu)
{
	return streq(instance->parent, gpu->address);
}

// The GPU as it would be with another aperture.
static struct gpu with_aperture(const struct gpu *gpu, unsigned aperture_mib)
{
	struct gpu other = *gpu;
	other.aperture = aperture_mib * MIB;
	return other;
}

//
// JSON
//

static json_t *mib_json(const struct gpu *gpu, const struct capacity_need *need)
{
	return json_pack("{s:i, s:o}", "aperture_mib", need->low_mib, "hidden_mib",
			 gpu->ggtt ? json_integer(need->high_mib) : json_null());
}

static json_t *offers_json(const struct offer_list *list)
{
	json_t *types = json_array();
	for (size_t i = 0; i < list->count; i++) {
		const struct offer *offer = &list->items[i];
		json_array_append_new(types,
				      json_pack("{s:o, s:o, s:i, s:i, s:i, s:i, s:o}", "type", json_text(offer->type),
						"resolution", json_text(offer->resolution), "aperture_mib",
						offer->need.low_mib, "hidden_mib", offer->need.high_mib, "at_most",
						offer->at_most, "free", offer->free, "available_instances",
						offer->told < 0 ? json_null() : json_integer(offer->told)));
	}
	return types;
}

static json_t *instances_json(const struct view *view)
{
	json_t *instances = json_array();
	for (size_t i = 0; i < view->look->host.instances.count; i++) {
		const struct instance *instance = &view->look->host.instances.items[i];
		const struct wanted *wanted = overview_wanted(view->look, instance->uuid);
		struct capacity_need need = { 0 };
		unsigned vmid, index;
		bool guest = wanted_is_guest(instance->uuid, &vmid, &index);
		if (!is_on(instance, view->gpu))
			continue;
		(void)capacity_of_type(instance->type, &need);
		json_array_append_new(instances,
				      json_pack("{s:o, s:o, s:i, s:i, s:o, s:o, s:o}", "uuid",
						json_text(instance->uuid), "type", json_text(instance->type),
						"aperture_mib", need.low_mib, "hidden_mib", need.high_mib, "guest",
						guest ? json_integer(vmid) : json_null(), "hostpci",
						guest ? json_integer(index) : json_null(), "source",
						wanted ? json_text(wanted->source) : json_null()));
	}
	return instances;
}

static json_t *mixes_json(const struct view *view)
{
	json_t *mixes = json_array();
	for (size_t m = 0; m < view->mix_count; m++) {
		json_t *mix = json_array();
		for (size_t i = CAPACITY_SIZES; i-- > 0;) {
			char type[TYPE_NAME_SIZE];
			capacity_type_name(view->gpu, &capacity_sizes[i], type);
			if (view->mixes[m].counts[i] > 0)
				json_array_append_new(mix,
						      json_pack("{s:o, s:i}", "type", json_text(type), "count",
								view->mixes[m].counts[i]));
		}
		json_array_append_new(mixes, mix);
	}
	return mixes;
}

static json_t *apertures_json(const struct gpu *gpu)
{
	json_t *apertures = json_array();
	const struct capacity_use nothing = { .count = 0 };
	for (unsigned mib = FIRMWARE_FIRST; gpu->ggtt && mib <= FIRMWARE_LAST; mib *= 2) {
		struct gpu other = with_aperture(gpu, mib);
		json_t *types = json_array();
		for (size_t i = 0; i < CAPACITY_SIZES; i++) {
			char type[TYPE_NAME_SIZE];
			capacity_type_name(gpu, &capacity_sizes[i], type);
			if (capacity_offers(&other, &capacity_sizes[i]))
				json_array_append_new(types,
						      json_pack("{s:o, s:i}", "type", json_text(type), "at_most",
								capacity_room(&other, &nothing, &capacity_sizes[i])));
		}
		json_array_append_new(apertures,
				      json_pack("{s:i, s:b, s:o}", "aperture_mib", mib, "now",
						gpu->aperture == other.aperture, "types", types));
	}
	return apertures;
}

static json_t *gpu_json(const struct view *view)
{
	const struct gpu *gpu = view->gpu;
	struct finding finding;
	char id[8];
	gvt_judge_gpu(&finding, gpu);
	snprintf(id, sizeof(id), "%04x", gpu->device_id);
	json_t *json = json_pack("{s:o, s:s, s:o, s:o, s:b, s:o, s:b, s:b, s:b, s:o}", "address",
				 json_text(gpu->address), "device_id", id, "name", json_text(gpu->name), "driver",
				 json_text(gpu->driver), "supported", gpu->verdict == GPU_SUPPORTED, "finding",
				 finding_json(&finding), "computed", view->offers->computed, "answers",
				 !view->offers->hung, "taken", view->offers->taken, "types", offers_json(view->offers));
	if (types_are_vfs(gpu) && types_vfs_add_json(json, view->look, gpu) < 0)
		log_line(LOG_ERR, "failed: out of memory");
	if (gpu->verdict != GPU_SUPPORTED)
		return json;
	json_t *left = mib_json(gpu, &view->left.taken);
	json_object_set_new(left, "vgpus", json_integer(view->left.count));
	json_object_set_new(json, "total", mib_json(gpu, &view->total));
	json_object_set_new(json, "host", mib_json(gpu, &capacity_host));
	json_object_set_new(json, "left", left);
	json_object_set_new(json, "instances", instances_json(view));
	json_object_set_new(json, "fits", mixes_json(view));
	json_object_set_new(json, "apertures", apertures_json(gpu));
	return json;
}

//
// Text
//

static void print_offers(const struct terminal *terminal, const struct offer_list *list)
{
	if (list->count == 0) {
		terminal_wrap(terminal, 0, 0,
			      list->computed ? "With this aperture it will offer no types."
					     : "With this aperture it offers no types.");
		return;
	}
	bool narrow = terminal->columns < OFFER_COLUMNS;
	terminal_print(terminal, COLOUR_STRONG, 0,
		       narrow ? "TYPE            APERTURE  AT MOST  FREE"
			      : "TYPE            MAX RESOLUTION  APERTURE    HIDDEN  AT MOST  FREE NOW");
	fputc('\n', terminal->stream);
	for (size_t i = 0; i < list->count; i++) {
		const struct offer *offer = &list->items[i];
		char number[16];
		snprintf(number, sizeof(number), narrow ? "%4u" : "%8u", offer->free);
		terminal_print(terminal, COLOUR_NONE, 14, offer->type);
		fputs("  ", terminal->stream);
		if (!narrow)
			terminal_print(terminal, COLOUR_NONE, 16, offer->resolution[0] ? offer->resolution : "-");
		fprintf(terminal->stream, "%4u MiB  ", offer->need.low_mib);
		if (!narrow)
			fprintf(terminal->stream, "%4u MiB  ", offer->need.high_mib);
		fprintf(terminal->stream, "%7u  ", offer->at_most);
		terminal_print(terminal, offer->free > 0 ? COLOUR_GOOD : COLOUR_WARNING, 0, number);
		fputc('\n', terminal->stream);
	}
	if (list->taken)
		terminal_wrap(terminal, 0, 0, "Nothing is free while i915 is not bound to the GPU.");
	else if (list->computed)
		terminal_wrap(terminal, 0, 0, "Computed: GVT-g is not running yet, so the driver offers no types.");
	else if (list->hung)
		terminal_wrap(
			terminal, 0, 0,
			"Computed: the driver does not answer; it hangs, most likely while it creates an instance.");
	for (size_t i = 0; i < list->count; i++) {
		const struct offer *offer = &list->items[i];
		char text[TEXT_SIZE];
		if (offer->told < 0 || (unsigned)offer->told <= offer->free)
			continue;
		snprintf(text, sizeof(text), "%s: the driver counts %d free, but at most %u can be created.",
			 offer->type, offer->told, offer->free);
		terminal_wrap(terminal, 0, 0, text);
	}
}

// Who has an instance: a letter and a colour for each guest, or for each instance of no guest, in the order of the
// instances.
struct owner {
	char letter;
	enum colour colour;
};

static bool is_same_owner(const struct instance *one, const struct instance *other)
{
	unsigned vmid, other_vmid, index;
	return wanted_is_guest(one->uuid, &vmid, &index) && wanted_is_guest(other->uuid, &other_vmid, &index) &&
		vmid == other_vmid;
}

static struct owner owner_of(const struct view *view, const struct instance *instance)
{
	const struct instance_list *list = &view->look->host.instances;
	size_t number = 0;
	for (const struct instance *other = list->items; other < list->items + list->count; other++) {
		bool first = is_on(other, view->gpu); // of its owner's
		for (const struct instance *before = list->items; first && before < other; before++)
			first = !is_on(before, view->gpu) || !is_same_owner(before, other);
		if (!first)
			continue;
		if (other == instance || is_same_owner(other, instance))
			break;
		number++;
	}
	return (struct owner){ .letter = LABELS[number % strlen(LABELS)],
			       .colour =
				       COLOUR_OWNER + (enum colour)(number % (COLOUR_OWNER_LAST - COLOUR_OWNER + 1)) };
}

static void print_bar(const struct terminal *terminal, const struct view *view, bool hidden)
{
	struct bar_part parts[INSTANCES_MAX + 2];
	size_t count = 0;
	unsigned total = hidden ? view->total.high_mib : view->total.low_mib;
	unsigned host = hidden ? capacity_host.high_mib : capacity_host.low_mib;
	fprintf(terminal->stream, "%-9s %4u MiB  ", hidden ? "Hidden" : "Aperture", total);
	parts[count++] = (struct bar_part){ host < total ? host : total, 'H', BAR_HOST, COLOUR_NONE };
	for (size_t i = 0; i < view->look->host.instances.count; i++) {
		const struct instance *instance = &view->look->host.instances.items[i];
		struct capacity_need need;
		struct owner owner = owner_of(view, instance);
		if (is_on(instance, view->gpu) && capacity_of_type(instance->type, &need))
			parts[count++] = (struct bar_part){ hidden ? need.high_mib : need.low_mib, owner.letter,
							    BAR_TAKEN, owner.colour };
	}
	parts[count++] = (struct bar_part){ hidden ? view->left.taken.high_mib : view->left.taken.low_mib, '\0',
					    BAR_FREE, COLOUR_NONE };
	bar_print(terminal, parts, count, terminal->columns - BAR_AT);
	fputc('\n', terminal->stream);
}

static void print_share(const struct terminal *terminal, const struct view *view, enum colour colour, const char *label,
			const struct capacity_need *need, const char *text)
{
	char hidden[24] = "       -";
	if (view->gpu->ggtt)
		snprintf(hidden, sizeof(hidden), "%4u MiB", need->high_mib);
	fputs("  ", terminal->stream);
	terminal_print(terminal, colour, 0, label);
	fprintf(terminal->stream, "  %4u MiB  %s  ", need->low_mib, hidden);
	terminal_wrap_below(terminal, 25, text);
}

static void print_shares(const struct terminal *terminal, const struct view *view)
{
	char text[TYPE_NAME_SIZE + OWNER_SIZE + UUID_SIZE + 8];
	print_bar(terminal, view, false);
	if (view->gpu->ggtt)
		print_bar(terminal, view, true);
	terminal_print(terminal, COLOUR_STRONG, 0, "     APERTURE    HIDDEN");
	fputc('\n', terminal->stream);
	print_share(terminal, view, COLOUR_FAINT, "H", &capacity_host, "the host");
	for (size_t i = 0; i < view->look->host.instances.count; i++) {
		const struct instance *instance = &view->look->host.instances.items[i];
		struct capacity_need need = { 0 };
		char owner[OWNER_SIZE];
		if (!is_on(instance, view->gpu))
			continue;
		struct owner whose = owner_of(view, instance);
		(void)capacity_of_type(instance->type, &need);
		overview_owner(view->look, instance->uuid, owner);
		unsigned vmid, index;
		bool guest = wanted_is_guest(instance->uuid, &vmid, &index);
		snprintf(text, sizeof(text), "%s for %s%s%s", instance->type[0] ? instance->type : "being created,",
			 owner, guest ? "" : ": ", guest ? "" : instance->uuid);
		print_share(terminal, view, whose.colour, (const char[]){ whose.letter, '\0' }, &need, text);
	}
	if (view->offers->taken)
		snprintf(text, sizeof(text), "not available: the GPU is bound to %.32s", view->gpu->driver);
	else if (view->left.count == 0)
		snprintf(text, sizeof(text), "free, too little for another vGPU");
	else
		snprintf(text, sizeof(text), "free, for at most %u more vGPU%s", view->left.count,
			 view->left.count == 1 ? "" : "s");
	print_share(terminal, view, COLOUR_GOOD, terminal_pick(terminal, "·", "."), &view->left.taken, text);
}

// "1 x _2 and 2 x _8"
static void mix_text(const struct capacity_mix *mix, char *ret, size_t size)
{
	size_t used = 0;
	for (size_t i = CAPACITY_SIZES; i-- > 0;)
		if (mix->counts[i] > 0 && used < size)
			used += (size_t)snprintf(ret + used, size - used, "%s%u x %s", used ? " and " : "",
						 mix->counts[i], capacity_sizes[i].suffix);
}

static void print_mixes(const struct terminal *terminal, const struct view *view)
{
	size_t shown = view->mix_count < MIXES_SHOWN ? view->mix_count : MIXES_SHOWN, at = strlen("Still fits: ");
	fputs("Still fits: ", terminal->stream);
	for (size_t m = 0; m < shown; m++) {
		char text[64] = "";
		mix_text(&view->mixes[m], text, sizeof(text));
		bool breaks = m > 0 && at + strlen(", or ,") + strlen(text) > terminal->columns;
		fprintf(terminal->stream, "%s%s", m == 0 ? "" : breaks ? ", or\n            " : ", or ", text);
		at = (breaks ? strlen("Still fits: ") : at + (m ? strlen(", or ") : 0)) + strlen(text);
	}
	if (view->mix_count > shown)
		fprintf(terminal->stream, ", or\n            %zu more (--json has all)", view->mix_count - shown);
	fputs(shown ? "\n" : "nothing\n", terminal->stream);
}

static void print_apertures(const struct terminal *terminal, const struct gpu *gpu)
{
	const struct capacity_use nothing = { .count = 0 };
	terminal_wrap(terminal, 0, 0, "At most, with another aperture (\"Aperture Size\" in the firmware setup):");
	fputs("    ", terminal->stream);
	for (size_t i = CAPACITY_SIZES; i-- > 0;)
		fprintf(terminal->stream, "%s%4s", i + 1 == CAPACITY_SIZES ? "        " : "", capacity_sizes[i].suffix);
	fputc('\n', terminal->stream);
	for (unsigned mib = FIRMWARE_FIRST; mib <= FIRMWARE_LAST; mib *= 2) {
		struct gpu other = with_aperture(gpu, mib);
		bool now = gpu->aperture == other.aperture;
		fprintf(terminal->stream, "    %4u MiB", mib);
		for (size_t i = CAPACITY_SIZES; i-- > 0;) {
			if (capacity_offers(&other, &capacity_sizes[i]))
				fprintf(terminal->stream, "%4u", capacity_room(&other, &nothing, &capacity_sizes[i]));
			else
				fputs("   -", terminal->stream);
		}
		if (now) {
			fputs("  ", terminal->stream);
			terminal_print(terminal, COLOUR_STRONG, 0, "now");
		}
		fputc('\n', terminal->stream);
	}
}

// How a guest gets its first vGPU before GVT-g runs: until then Proxmox VE's web interface has no MDev types to choose
// from.
static void print_first(const struct terminal *terminal, const struct view *view)
{
	char type[TYPE_NAME_SIZE];
	const struct guest_list *guests = view->look->config.guests;
	capacity_example(view->gpu, type);
	if (!view->offers->computed || view->offers->taken || !guests || guests->count > 0 || !type[0])
		return;
	terminal_wrap(
		terminal, 0, 0,
		"Until GVT-g runs, Proxmox VE's web interface shows no MDev types. This command gives guest 100 a vGPU:");
	fprintf(terminal->stream, "qm set 100 --hostpci0 %s,mdev=%s\n", view->gpu->address, type);
}

static void print_gpu(const struct terminal *terminal, const struct view *view)
{
	struct finding finding;
	if (types_are_vfs(view->gpu)) {
		if (types_vfs_print(terminal, view->look, view->gpu) < 0)
			log_line(LOG_ERR, "failed: out of memory");
		return;
	}
	gvt_judge_gpu(&finding, view->gpu);
	finding_print(terminal, "", &finding);
	if (view->gpu->verdict != GPU_SUPPORTED)
		return;
	// Who else has it, or is to have it.
	if (view->gpu == gpu_list_default(&view->look->host.gpus) &&
	    judge_host(REQUIRE_FREE, &view->look->host, &view->look->config, &finding) != STANCE_ACT)
		finding_print(terminal, "", &finding);
	fputc('\n', terminal->stream);
	print_offers(terminal, view->offers);
	fputc('\n', terminal->stream);
	print_shares(terminal, view);
	fputc('\n', terminal->stream);
	print_mixes(terminal, view);
	print_first(terminal, view);
	if (!view->gpu->ggtt) {
		terminal_wrap(terminal, 0, 0, "Only root can read the size of the hidden memory: less may fit.");
		return;
	}
	print_apertures(terminal, view->gpu);
}

// "types TYPE": where one more of it fits, and why not elsewhere. Returns how many do.
static unsigned print_type(const struct terminal *terminal, const struct view *view, const char *type)
{
	char text[TEXT_SIZE], why[TEXT_SIZE / 2];
	const struct offer *offer = NULL;
	struct type_list types = { .count = 0 };
	for (size_t i = 0; i < view->offers->count; i++) {
		strcpy(types.names[types.count++], view->offers->items[i].type);
		if (streq(view->offers->items[i].type, type))
			offer = &view->offers->items[i];
	}
	const char *nearest = capacity_nearest(&types, type);
	const struct capacity_size *size = capacity_is_of(view->gpu, type) ? capacity_size_of(type) : NULL;
	struct finding finding;
	capacity_explain(&finding, view->gpu, &view->use, type);
	finding_seen(&finding, why, sizeof(why));
	if (view->offers->taken)
		snprintf(why, sizeof(why), "the GPU is bound to %.32s", view->gpu->driver);
	if (offer && offer->free > 0)
		snprintf(text, sizeof(text), "%u free of at most %u%s", offer->free, offer->at_most,
			 view->offers->computed       ? " (computed: GVT-g is not running yet)"
				 : view->offers->hung ? " (computed: the driver does not answer)"
						      : "");
	else if (offer)
		snprintf(text, sizeof(text), "none free of at most %u: %s", offer->at_most, why);
	else if (size)
		snprintf(text, sizeof(text),
			 "does not offer %s with an aperture of %u MiB; it needs %u MiB (see the firmware setup)", type,
			 view->total.low_mib, capacity_min_aperture_mib(&size->need));
	else
		snprintf(text, sizeof(text), "does not offer %s; %s%s", type,
			 nearest ? "the nearest is " : "'gvt-early types' shows what it offers",
			 nearest ? nearest : "");
	fprintf(terminal->stream, "%s  ", view->gpu->address);
	terminal_wrap(terminal, strlen(view->gpu->address) + 2, strlen(view->gpu->address) + 2, text);
	return offer ? offer->free : 0;
}

// Either way.
static bool can_be_split(const struct overview *look, const struct gpu *gpu, const struct offer_list *offers)
{
	if (types_are_vfs(gpu))
		return types_vfs_can_be_made(look, gpu);
	return gpu->verdict == GPU_SUPPORTED && !offers->taken;
}

// Returns the exit code.
static int tell_text(const struct overview *look, const struct offer_list *offers, const char *type)
{
	const struct gpu_list *gpus = &look->host.gpus;
	struct terminal terminal;
	struct finding none;
	bool any = false, shown = false, told = false;
	unsigned room = 0;
	terminal_open(&terminal, output_stream());
	for (size_t i = 0; i < gpus->count; i++) {
		struct view view;
		view_gpu(&view, look, &gpus->items[i], &offers[i]);
		any |= can_be_split(look, &gpus->items[i], &offers[i]);
		told |= offers[i].hung && !type;
		if (type && gpus->items[i].verdict == GPU_SUPPORTED) {
			room += print_type(&terminal, &view, type);
			shown = true;
		} else if (!type) {
			fputs(i ? "\n" : "", output_stream());
			print_gpu(&terminal, &view);
		}
	}
	if (gpus->count == 0 || (type && !shown)) {
		judge_gpus(&none, gpus);
		finding_print(&terminal, "", &none);
	}
	if (look->hung && !told)
		terminal_wrap(&terminal, 0, 0, HUNG_TEXT);
	return any && !look->hung && (!type || room > 0) ? EXIT_ALL_WELL : EXIT_DEGRADED;
}

static int tell_json(const struct overview *look, const struct offer_list *offers)
{
	json_t *gpus = json_array();
	bool any = false;
	for (size_t i = 0; i < look->host.gpus.count; i++) {
		struct view view;
		view_gpu(&view, look, &look->host.gpus.items[i], &offers[i]);
		json_array_append_new(gpus, gpu_json(&view));
		any |= can_be_split(look, view.gpu, &offers[i]);
	}
	json_print(json_pack("{s:i, s:o, s:o, s:o}", "version", 1, "gpus", gpus, "problems",
			     problems_json(&look->config), "warnings", warnings_json(&look->config)));
	return any && !look->hung ? EXIT_ALL_WELL : EXIT_DEGRADED;
}

int command_types(const struct root *root, const struct options *options)
{
	char type[TYPE_NAME_SIZE];
	if (options->word && (options->json || wanted_parse_type(options->word, type) < 0)) {
		log_line(LOG_ERR,
			 options->json ? "--json cannot be combined with a TYPE"
				       : "'%.60s' is not a type such as i915-GVTg_V5_4",
			 options->word);
		return EXIT_BAD_INPUT;
	}

	struct overview look;
	int r = overview_read(&look, root), code = EXIT_INTERNAL;
	if (r < 0)
		log_line(LOG_ERR, "failed: %s", strerror(-r));
	else if (options->json)
		code = tell_json(&look, look.offers);
	else
		code = tell_text(&look, look.offers, options->word ? type : NULL);
	overview_free(&look);
	return code;
}
