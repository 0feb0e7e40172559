// SPDX-License-Identifier: GPL-2.0-or-later
// The sentences of "setup".
#pragma once

#include "decide/setup/guest_line.h"
#include "decide/setup/setup_boot.h"
#include "decide/setup/setup_needs.h"
#include "decide/setup/setup_part.h"
#include "decide/setup/words_edit.h"
#include "tell/command.h"

// Which bootloader boots this host, and which file tells it the kernel command line.
void setup_tell_boot(const struct setup_boot *boot);
// Of one that is not known: what would have to be said there, on standard error.
void setup_tell_foreign(const struct setup_boot *boot, const struct setup_needs *needs, const struct facts *facts);
// What is needed, a line each, and what is not and why.
void setup_tell_needs(const struct setup_needs *needs, const struct facts *facts);
// Why nothing can be written, on standard error, and what would have to be.
void setup_tell_trouble(const struct words_edit *edit, const struct word_change *changes, size_t count,
			const char *file, const struct facts *facts);
// What is to be written.
void setup_tell_edits(const struct text_edit *edits, size_t count);
// The commands that are to be run.
void setup_tell_commands(const struct setup_command *commands, size_t count);

// The vGPU of a guest and why it is this one, or on standard error why it gets none: beside count others; room says
// what there is, taken is the driver that has the GPU instead of i915, or "".
void setup_tell_guest(const struct guest_line *line, const struct options *options, unsigned count,
		      const struct finding *room, const char *taken);

// Likewise of a VF, of a GPU that has as many of them now. release: of the kernel that boots next, where that one alone
// can split the GPU; else "".
void setup_tell_guest_vf(const struct guest_line *line, const struct options *options, unsigned there,
			 const char *release);
