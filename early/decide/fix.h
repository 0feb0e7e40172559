// SPDX-License-Identifier: GPL-2.0-or-later
// Steps of fixes that depend on the programs of this host: no step names a command that is not there. Where the host is
// none that is known here, they say what must become true instead. Each adds steps to a finding; joint is how the first
// follows what is there. Pure.
#pragma once

#include "base/finding.h"
#include "base/util.h"
#include "read/boot/bootloader.h"
#include "read/host/tools.h"

// A command that is to be run as it is.
void fix_run(struct finding *finding, enum joint joint, const char *format, ...) PRINTF(3, 4);
void fix_reboot(struct finding *finding, enum joint joint);

// Makes the initrds of all kernels anew, or of one release.
void fix_renew_initrd(struct finding *finding, enum joint joint, const struct tools *tools, const char *release);
// Makes the initrd of a release that has none.
void fix_make_initrd(struct finding *finding, enum joint joint, const struct tools *tools, const char *release);
// Makes what was written to /etc/default/grub count.
void fix_renew_menu(struct finding *finding, enum joint joint, const struct tools *tools);
// Makes kernel, initrd and kernel command line on the ESPs those of the host.
void fix_refresh_esps(struct finding *finding, enum joint joint, const struct tools *tools);
// Makes the entry of a kernel in systemd-boot anew, where no proxmox-boot-tool does it.
void fix_renew_entry(struct finding *finding, enum joint joint, const struct tools *tools, const char *release);
// Brings what was written to the bootloader's file into force, for that release.
void fix_apply_bootloader(struct finding *finding, enum joint joint, const struct bootloader *bootloader,
			  const struct tools *tools, const char *release);
// Whether the first step of another finding is among a finding's own.
bool fix_has_step(const struct finding *finding, const struct finding *other);

// Installs a package that has the same name everywhere.
void fix_install(struct finding *finding, enum joint joint, const struct tools *tools, const char *package);
// Puts the running kernel's modules back.
void fix_reinstall_kernel(struct finding *finding, enum joint joint, const struct tools *tools);
// Lets the firmware accept the key of modules made on this host, from the next boot on.
void fix_enroll_key(struct finding *finding, enum joint joint, const struct tools *tools);
