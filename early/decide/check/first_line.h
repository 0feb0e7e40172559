// SPDX-License-Identifier: GPL-2.0-or-later
// Whether what entries of systemd-boot are made of, /etc/kernel/cmdline (of it proxmox-boot-tool takes the first line),
// lets a host find its root file system, and the line that does. Pure.
#pragma once

#include <stdbool.h>

#include "base/finding.h"
#include "base/util.h"
#include "read/check_facts.h"

#define FIRST_LINE_SIZE 200

// FIRST_LINE_REFUSED: proxmox-boot-tool finds no "root=" in it and makes no entries; FIRST_LINE_NO_ROOT: entries are
// made of it, and the kernel finds no root= in them.
enum first_line_state { FIRST_LINE_FINE, FIRST_LINE_REFUSED, FIRST_LINE_NO_ROOT };

// FIRST_LINE_FINE also where the file is not there or is not used, or where the running system has no root= either.
enum first_line_state first_line_judge(const struct facts *facts);

// Whether words tell the kernel where its root file system is; one that has blanks in it is a line in quotes.
bool first_line_gives_root(const struct cmdline *words);

// The words of the running system that tell where its root file system is: "root=ZFS=rpool/ROOT/pve-1 boot=zfs".
void first_line_root(const struct facts *facts, char *ret, size_t size);

// Adds a step to a finding: to write, as the first line, one with root=, all words that the first line was meant to
// have, and WORD (or ""). Where that line does not fit: to begin it with root=.
void first_line_fix(const struct facts *facts, const char *word, struct finding *finding, enum joint joint);
// Whether it does: it is not too long, and has no quotes of its own.
bool first_line_fits(const struct facts *facts, const char *word);
