// SPDX-License-Identifier: GPL-2.0-or-later
#include "tell/setup_text.h"

#include <stdio.h>

#include "base/output.h"
#include "base/diff.h"
#include "base/log.h"
#include "base/terminal.h"
#include "decide/check/check_fix.h"
#include "decide/check/first_line.h"
#include "read/boot/bootloader.h"
#include "tell/words.h"

static void print_line(const char *head, const char *text)
{
	struct terminal terminal;
	terminal_open(&terminal, output_stream());
	fputs(head, output_stream());
	terminal_wrap(&terminal, strlen(head), strlen(head), text);
}

// For the steps of a fix, and for what is wrong with GRUB's files.
static void begin(struct finding *finding)
{
	finding_make(finding, "setup", SEVERITY_WARNING, CAUSE_SETUP_REFUSED);
}

//
// The bootloader
//

void setup_tell_boot(const struct setup_boot *boot)
{
	char text[320], esps[96] = "";
	const char *loader = boot->grub && boot->line ? "GRUB or systemd-boot" : boot->grub ? "GRUB" : "systemd-boot";
	const char *file = boot->grub && boot->line ? "/" GRUB_FILE " and the first line of /" SYSTEMD_BOOT_FILE
		: boot->grub                        ? "/" GRUB_FILE
						    : "the first line of /" SYSTEMD_BOOT_FILE;
	if (boot->by_esps)
		snprintf(esps, sizeof(esps), " from %zu ESP%s of proxmox-boot-tool", boot->esp_count,
			 boot->esp_count == 1 ? "" : "s");
	snprintf(text, sizeof(text), "%s%s; the kernel command line comes from %s", loader, esps, file);
	print_line("Bootloader: ", text);
}

static const char *foreign_reason(enum setup_foreign foreign)
{
	static const char *const reasons[] = {
		[FOREIGN_NOT] = "",
		[FOREIGN_LOADER] = "the bootloader of this host cannot be determined",
		[FOREIGN_SYSTEMD_BOOT] =
			"systemd-boot boots this host, and its entries are not made by proxmox-boot-tool",
		[FOREIGN_GRUB] = "GRUB boots this host, and the program update-grub is missing",
		[FOREIGN_NIXOS] = "this is NixOS, which makes the bootloader's files of its own configuration",
		[FOREIGN_NO_TOOL] = "proxmox-boot-tool has filled the ESPs of this host, and the program is missing",
	};
	return reasons[foreign];
}

// The change as an imperative without an end, for a place that only its owner knows.
static void print_change(const struct word_change *change)
{
	if (!change->old[0])
		log_line(LOG_ERR, "add %s to the kernel command line", change->new);
	else if (!change->new[0])
		log_line(LOG_ERR, "remove %s from the kernel command line", change->old);
	else
		log_line(LOG_ERR, "write %s instead of %s on the kernel command line", change->new, change->old);
}

void setup_tell_foreign(const struct setup_boot *boot, const struct setup_needs *needs, const struct facts *facts)
{
	const struct fix_of of = { .facts = facts };
	char fix[TEXT_SIZE];
	log_line(LOG_ERR, "nothing was changed: %s", foreign_reason(boot->foreign));
	for (size_t i = 0; i < needs->count; i++) {
		struct finding finding;
		if (needs->items[i].change.old[0]) {
			print_change(&needs->items[i].change);
			continue;
		}
		begin(&finding);
		fix_add(&of, needs->items[i].change.new, &finding, JOINT_NONE);
		log_line(LOG_ERR, "%s", finding_fix(&finding, fix, sizeof(fix)));
	}
}

//
// What is needed
//

static void print_need(const struct need *need, const struct setup_needs *needs)
{
	static const char *const whys[] = {
		[NEED_IOMMU] =
			"kernel %s does not enable the IOMMU by itself, and Proxmox VE starts no guest with a vGPU without it",
		[NEED_IOMMU_UNKNOWN] = "it cannot be determined whether kernel %s enables the IOMMU by itself",
		[NEED_IOMMU_GPU] = "kernel %s enables the IOMMU by itself, but not for the GPU: SR-IOV needs it there",
		[NEED_DRIVER] =
			"this host has no initrd with gvt-early in it, so the driver is loaded without gvt-early",
		[NEED_GVT] = "this host has no initrd with gvt-early in it, so i915 is loaded without gvt-early",
		[NEED_SPELLING] = "as it is written the kernel ignores it",
		[NEED_NOT_OFF] = "it disables the IOMMU, whatever else is said",
		[NEED_NOT_FOR_GPU] = "it keeps the IOMMU from the GPU: SR-IOV needs it there",
		[NEED_NOT_FORBIDDEN] = "it keeps the GPU's driver from being used for vGPUs",
	};
	const struct word_change *change = &need->change;
	char why[200], text[2 * WORD_CHANGE_SIZE + 240];
	snprintf(why, sizeof(why), whys[need->why], needs->kernel);
	if (!change->old[0])
		snprintf(text, sizeof(text), "add %s: %s", change->new, why);
	else if (!change->new[0])
		snprintf(text, sizeof(text), "remove %s: %s", change->old, why);
	else
		snprintf(text, sizeof(text), "write %s instead of %s: %s", change->new, change->old, why);
	print_line("Needed:     ", text);
}

static bool spares_igpu(const struct setup_needs *needs, const struct facts *facts)
{
	for (size_t i = 0; i < facts->next->kernel_count; i++)
		if (streq(facts->next->kernels[i].release, needs->kernel))
			return facts->next->kernels[i].iommu_spares_igpu;
	return false;
}

void setup_tell_needs(const struct setup_needs *needs, const struct facts *facts)
{
	char text[TEXT_SIZE + 64];
	for (size_t i = 0; i < needs->count; i++)
		print_need(&needs->items[i], needs);
	if (!needs->iommu_wanted)
		print_line("Not needed: ",
			   "intel_iommu=on: GVT-g works without an IOMMU, and this is not a Proxmox VE host");
	else if (!needs->iommu_said && needs->iommu == DEFAULT_ON) {
		snprintf(text, sizeof(text), "intel_iommu=on: kernel %s enables the IOMMU by itself%s", needs->kernel,
			 needs->way.way == WAY_GVT && spares_igpu(needs, facts)
				 ? " (the word would also map the iGPU, which GVT-g does not need)"
				 : "");
		print_line("Not needed: ", text);
	}
	bool early = facts->config.settings.early && tools_make_early(&facts->tools);
	if (early && needs->way.way == WAY_GVT)
		print_line("Not needed: ", "i915.enable_gvt=1: gvt-early loads i915 with it from the initrd");
	else if (early && way_is_sriov(needs->way.way)) {
		snprintf(text, sizeof(text), "%s: gvt-early loads %s with what it needs from the initrd",
			 needs->way.way == WAY_XE ? "xe.force_probe" : "i915.enable_guc and max_vfs",
			 needs->way.driver);
		print_line("Not needed: ", text);
	}
	for (size_t i = 0; i < needs->left_count; i++)
		print_line("Unchanged:  ", finding_text(&needs->left[i], text, sizeof(text)));
}

//
// What cannot be written
//

// What the files' owner can do about it.
static void print_by_hand(const struct words_edit *edit, const struct word_change *changes, size_t count,
			  const char *file, const struct facts *facts)
{
	struct finding finding;
	char fix[TEXT_SIZE];
	const char *word = "";
	begin(&finding);
	if (edit->trouble == WORDS_FAIL && fix_mend(facts, "", &finding, JOINT_NONE)) {
		log_line(LOG_ERR, "%s; then run 'gvt-early setup' again", finding_fix(&finding, fix, sizeof(fix)));
		return;
	}
	for (size_t i = 0; i < count; i++)
		if (!changes[i].old[0])
			word = changes[i].new;
	if (edit->trouble == WORDS_NO_ROOT) {
		first_line_fix(facts, word, &finding, JOINT_NONE);
		log_line(LOG_ERR, "%s; then run 'gvt-early setup' again", finding_fix(&finding, fix, sizeof(fix)));
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const struct word_change *change = &changes[i];
		log_line(LOG_ERR, "by hand: %s%s%s%s %s /%s",
			 change->old[0] && change->new[0] ? "write "
				 : change->new[0]         ? "add "
							  : "remove ",
			 change->new[0] ? change->new : change->old,
			 change->old[0] && change->new[0] ? " instead of " : "",
			 change->old[0] && change->new[0] ? change->old : "", change->new[0] ? "in" : "from", file);
	}
}

static void print_place(const struct shell_trouble *trouble, char ret[static PLACE_SIZE])
{
	if (trouble->place.line > 0)
		snprintf(ret, PLACE_SIZE, "/%.140s:%u", trouble->place.file, trouble->place.line);
	else
		snprintf(ret, PLACE_SIZE, "/%.140s", trouble->place.file ? trouble->place.file : GRUB_FILE);
}

void setup_tell_trouble(const struct words_edit *edit, const struct word_change *changes, size_t count,
			const char *file, const struct facts *facts)
{
	char place[PLACE_SIZE], clause[TEXT_SIZE];
	const struct shell_trouble *failure = fix_grub_failure(facts);
	struct finding finding;
	print_place(&edit->shell, place);
	switch (edit->trouble) {
	case WORDS_FINE:
		return;
	case WORDS_FAIL:
		begin(&finding);
		if (failure)
			fix_add_failure(facts, failure, &finding, VALUE_REASON);
		else
			finding_value(&finding, VALUE_REASON,
				      "GRUB ends the kernel command line inside the value of %s", place);
		log_line(LOG_ERR, "%s", finding_seen(&finding, clause, sizeof(clause)));
		break;
	case WORDS_LINES:
		log_line(LOG_ERR,
			 "nothing was changed: the value in %s has more than one line, and GRUB uses only the first",
			 place);
		break;
	case WORDS_NO_ROOT:
		log_line(LOG_ERR, "nothing was changed: the first line of /%s has no root= for the kernel", file);
		break;
	case WORDS_NOT_THERE:
		log_line(LOG_ERR, "nothing was changed: '%s' stands nowhere in /%s so that it can be changed there",
			 edit->change ? edit->change->old : "", file);
		break;
	case WORDS_NO_WAY:
		log_line(
			LOG_ERR,
			"nothing was changed: in no place of /%s would the new words become part of the kernel command line",
			file);
		break;
	case WORDS_TOO_LONG:
		log_line(LOG_ERR, "nothing was changed: the kernel command line would have more than %d characters",
			 LINE_MAX_LENGTH);
		break;
	case WORDS_UNREADABLE:
		log_line(LOG_ERR, "nothing was changed: %s", edit->text);
		return;
	case WORDS_SHELL:
		log_line(LOG_ERR, "nothing was changed: sh would not read the files as intended, but as: %s",
			 edit->text);
		break;
	case WORDS_DOUBT:
		print_place(&edit->doubt, place);
		log_line(LOG_ERR, "nothing was changed: what '%s' in %s does is known only on that host itself",
			 edit->doubt.what, place);
		break;
	case WORDS_CHANGED:
		log_line(LOG_ERR, "nothing was changed: /%s was changed since 'gvt-early setup' wrote it", edit->text);
		return;
	}
	print_by_hand(edit, changes, count, file, facts);
}

void setup_tell_edits(const struct text_edit *edits, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char name[200];
		char *text = NULL;
		snprintf(name, sizeof(name), "/%s", edits[i].path);
		if (diff_unified(name, edits[i].before, edits[i].after, &text) == 0)
			fputs(text, output_stream());
		free(text);
	}
}

void setup_tell_commands(const struct setup_command *commands, size_t count)
{
	if (count > 0)
		putc('\n', output_stream());
	for (size_t i = 0; i < count; i++) {
		fputs("Command to run:", output_stream());
		for (size_t k = 0; k < commands[i].count; k++)
			fprintf(output_stream(), " %s", commands[i].words[k]);
		putc('\n', output_stream());
	}
}

//
// A guest
//

static void print_chosen(const struct guest_line *line, const struct options *options, unsigned count)
{
	char head[32], text[320];
	snprintf(head, sizeof(head), "Guest %u:", options->guest);
	if (options->type && count > 0)
		snprintf(text, sizeof(text), "%s fits beside %u other vGPU%s; hostpci%u is free", line->type, count,
			 count == 1 ? "" : "s", line->index);
	else if (options->type)
		snprintf(text, sizeof(text), "%s fits; hostpci%u is free", line->type, line->index);
	else if (count > 0)
		snprintf(text, sizeof(text), "%s, the largest type that fits beside %u other vGPU%s; hostpci%u is free",
			 line->type, count, count == 1 ? "" : "s", line->index);
	else
		snprintf(text, sizeof(text), "%s, the largest type that this GPU has; hostpci%u is free", line->type,
			 line->index);
	while (strlen(head) < 12)
		strcat(head, " ");
	print_line(head, text);
}

// What a guest's line comes to nothing for, whatever it would be. Returns false of any other.
static bool tell_no_line(const struct guest_line *line, const struct options *options)
{
	if (line->trouble == GUEST_LINE_TEMPLATE)
		log_line(LOG_ERR, "nothing was changed: guest %u is a template, which is never started",
			 options->guest);
	else if (line->trouble == GUEST_LINE_NO_SLOT)
		log_line(LOG_ERR, "nothing was changed: guest %u has no free hostpci line", options->guest);
	else
		return false;
	return true;
}

void setup_tell_guest_vf(const struct guest_line *line, const struct options *options, unsigned there,
			 const char *release)
{
	char head[24], text[TEXT_SIZE];
	snprintf(head, sizeof(head), "Guest %u:", options->guest);
	while (strlen(head) < 12)
		strcat(head, " ");
	snprintf(text, sizeof(text), "%s, virtual function %u of %u%s; hostpci%u is free", line->address, line->vf,
		 line->most, *release || (there > 0 && line->vf > there) ? ", which the next boot makes" : "",
		 line->index);
	if (tell_no_line(line, options))
		return;
	if (line->trouble == GUEST_LINE_THERE)
		fprintf(output_stream(), "Guest %u has %s in hostpci%u already.\n", options->guest, line->address,
			line->index);
	else if (line->trouble == GUEST_LINE_FINE)
		print_line(head, text);
	else if (line->most == 0)
		log_line(LOG_ERR,
			 "nothing was changed: the GPU offers no virtual functions; 'gvt-early check' tells why");
	else
		log_line(LOG_ERR,
			 "nothing was changed: all %u virtual functions of the GPU are given to guests or kept for the "
			 "host; 'gvt-early types' shows who has them",
			 line->most);
	if (*release && (line->trouble == GUEST_LINE_FINE || line->trouble == GUEST_LINE_THERE)) {
		snprintf(
			text, sizeof(text),
			"reboot before the guest starts: kernel %s, which boots next, can split the GPU, and the one that "
			"runs cannot",
			release);
		print_line("Then:       ", text);
	}
}

void setup_tell_guest(const struct guest_line *line, const struct options *options, unsigned count,
		      const struct finding *room, const char *taken)
{
	char why[TEXT_SIZE];
	finding_seen(room, why, sizeof(why));
	if (tell_no_line(line, options))
		return;
	switch (line->trouble) {
	case GUEST_LINE_FINE:
		print_chosen(line, options, count);
		break;
	case GUEST_LINE_THERE:
		fprintf(output_stream(), "Guest %u has %s in hostpci%u already.\n", options->guest, line->type,
			line->index);
		break;
	case GUEST_LINE_OTHER:
		log_line(
			LOG_ERR,
			"nothing was changed: guest %u has %s in hostpci%u; take that one away first: 'qm set %u --delete hostpci%u'",
			options->guest, line->type, line->index, options->guest, line->index);
		break;
	case GUEST_LINE_NO_TYPE:
		log_line(LOG_ERR, "nothing was changed: the GPU does not offer %s; %s%s", options->type,
			 line->type[0] ? "the nearest is " : "'gvt-early types' shows what it offers", line->type);
		break;
	case GUEST_LINE_NO_ROOM:
		if (*taken)
			log_line(LOG_ERR, "nothing was changed: the GPU is bound to %s", taken);
		else if (options->type)
			log_line(LOG_ERR, "nothing was changed: %s does not fit beside what is wanted: %s",
				 options->type, why);
		else
			log_line(
				LOG_ERR,
				"nothing was changed: no type fits beside what is wanted; 'gvt-early types' shows who has what");
		break;
	case GUEST_LINE_TEMPLATE:
	case GUEST_LINE_NO_SLOT:
		break; // told above
	}
}
