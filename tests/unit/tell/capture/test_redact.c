// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "tell/capture/redact.h"

static char text[2048];
static const char *what;

static const char *reduce(const char *path, const char *content)
{
	snprintf(text, sizeof(text), "%s", content);
	text[redact_reduce(path, text, strlen(text), &what)] = '\0';
	return text;
}

static void guests(void **state)
{
	(void)state;
	assert_string_equal(reduce("etc/pve/nodes/pve/qemu-server/100.conf",
				   "# secret\nname: secret\nonboot: 1\nstartup: order=3\n"
				   "hostpci0: 00:02.0,mdev=i915-GVTg_V5_4\nvmstate: a:b\nlock: suspended\n"
				   "[PENDING]\ndelete: hostpci0\n[secret]\nhostpci10: 1\nhostpci16: x\nno colon"),
			    "\n\nonboot: 1\nstartup: order=3\nhostpci0: 00:02.0,mdev=i915-GVTg_V5_4\nvmstate: "
			    "x:x\nlock: suspended\n[PENDING]\n"
			    "delete: hostpci0\n[xxxxxx]\nhostpci10: 1\n\n");
	assert_string_equal(what, "all but its vGPUs and its start removed");
	assert_string_equal(reduce("etc/pve/qemu-server/100.conf", "name: secret\n"), "\n");
}

static void sections(void **state)
{
	(void)state;
	assert_string_equal(reduce("etc/pve/mapping/pci.cfg",
				   "igpu\n\tdescription my secret\n\tmap id=8086:3e92,node=pve,description=se "
				   "cret,path=0000:00:02.0\n"
				   "\tmdev 1\n\n # secret\nother\n"),
			    "igpu\n\tdescription xx xxxxxx\n\tmap id=8086:3e92,node=pve,description=xx "
			    "xxxx,path=0000:00:02.0\n\tmdev 1\n\n"
			    " # xxxxxx\nother\n");
	assert_string_equal(reduce("etc/pve/ha/resources.cfg", "vm: 100\n\tcomment secret\n\tstate stopped\n\n"),
			    "vm: 100\n\tcomment xxxxxx\n\tstate stopped\n\n");
}

static void own_files(void **state)
{
	(void)state;
	// '#' behind something is no comment there, ';' behind a blank is one.
	assert_string_equal(reduce("etc/gvt-early/gvt-early.conf",
				   "# secret\n  ; secret\n[guest 100] ; secret\nhostpci0 = a;b # c\n"),
			    "# xxxxxx\n  ; xxxxxx\n[guest 100] ; xxxxxx\nhostpci0 = a;b # c\n");
	assert_string_equal(reduce("etc/modprobe.d/a.conf",
				   "# i915\noptions snd secret=1\noptions i915 enable_gvt=1 # why\noptions x \\\n"
				   " i915\nblacklist vfio_pci\n"),
			    "\n\noptions i915 enable_gvt=1 # xxx\noptions x \\\n i915\nblacklist vfio_pci\n");
	assert_string_equal(reduce("etc/modules", "# secret\ni915\n"), "# xxxxxx\ni915\n");
}

static void addresses(void **state)
{
	(void)state;
	assert_string_equal(
		reduce("proc/cmdline",
		       "root=UUID=11111111-2222-3333-4444-555555555555 ip=192.0.2.1::x BOOTIF=01-aa-bb-cc-dd-ee-ff "
		       "vfio-pci.ids=8086:3e92 hostname=secret"),
		"root=UUID=00000000-0000-0000-0000-000000000000 ip=xxx.x.x.x::x BOOTIF=xx-xx-xx-xx-xx-xx-xx "
		"vfio-pci.ids=8086:3e92 hostname=xxxxxx");
	assert_string_equal(reduce("run/x", "aa:BB:cc:00:11:22, 0000:00:02.0 aa:bb:cc:dd:ee:ff:00 11:22:33:44:55:66\n"),
			    "00:00:00:00:00:00, 0000:00:02.0 00:00:00:00:00:00:00 00:00:00:00:00:00\n");
	assert_string_equal(what, "addresses removed");
	// UUIDs of instances are what it is about.
	assert_string_equal(reduce("run/gvt-early/report.json", "5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01"),
			    "5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01");
	assert_string_equal(what, "");
}

// What the bootloaders have counts as the command line does; an initrd's summary has UUIDs of instances.
static void bootloaders(void **state)
{
	(void)state;
	static const char *const files[][2] = { { "boot/grub/grub.cfg", "linux /vmlinuz-6.1 " },
						{ "etc/default/grub", "GRUB_CMDLINE_LINUX=" },
						{ "etc/kernel/cmdline", "" },
						{ "var/tmp/espmounts/1111-AAAA/loader/entries/proxmox-6.1.conf",
						  "options " } };
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char input[128], expected[128];
		snprintf(input, sizeof(input), "%sroot=UUID=11111111-2222-3333-4444-555555555555 ip=192.0.2.1 quiet",
			 files[i][1]);
		snprintf(expected, sizeof(expected),
			 "%sroot=UUID=00000000-0000-0000-0000-000000000000 ip=xxx.x.x.x quiet", files[i][1]);
		assert_string_equal(reduce(files[i][0], input), expected);
		assert_string_not_equal(what, "");
	}
	assert_string_equal(reduce("boot/initrd.img-6.1", "5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01"),
			    "5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01");
	assert_string_equal(what, "");
}

// What is known to be needed stays. Nothing else does, whatever its name.
static void secrets(void **state)
{
	(void)state;
	static const char words[] =
		"rd.iscsi.password=S3CRET netroot=iscsi:user:S3CRET@192.0.2.1::3260:1:iqn.S3CRET cifsroot=//host/S3CRET,pass=S3CRET "
		"systemd.set_credential=a:S3CRET root=cifs://user:S3CRET@host/x luks.options=keyfile=S3CRET S3CRET "
		"\"quoted=S3CRET S3CRET\" rd.luks.name=S3CRET";
	static const struct {
		const char *path, *before, *after;
	} files[] = {
		{ "proc/cmdline", "", "" },
		{ "etc/kernel/cmdline", "", "\n" },
		{ "etc/default/grub", "GRUB_CMDLINE_LINUX=",
		  "\nGRUB_BACKGROUND=S3CRET; export X\nexport GRUB_X='S3CRET S3CRET' # S3CRET\n" },
		{ "etc/default/grub.d/x.cfg", "GRUB_CMDLINE_LINUX=\"${S}",
		  "\"\nX_PASSWORD=S3CRET\nfoo=S3CRET\n. /S3CRET\n" },
		{ "boot/grub/grub.cfg",
		  "password_pbkdf2 root S3CRET.10000.S3CRET\npassword S3CRET S3CRET\nset superusers=\"S3CRET\"\nset x=S3CRET\n"
		  "if true; then password x S3CRET; fi\nmenuentry 'Debian' {\n\tlinux /vmlinuz ",
		  "\n\techo S3CRET\n}\n" },
		{ "var/tmp/espmounts/1-A/grub/grub.cfg", "password root S3CRET\n linux16 /x ", "\n" },
		{ "var/tmp/espmounts/1-A/loader/entries/x.conf", "title x\noptions ", "\nmachine-id S3CRET\n" },
		{ "etc/modprobe.d/x.conf",
		  "options axe key=S3CRET\ninstall i915 /S3CRET S3CRET\noptions wifi psk=\\\n S3CRET \\\nS3CRET\n# S3CRET\n#",
		  "\n" },
		{ "etc/mdevctl.d/0000:00:02.0/x",
		  "{\"mdev_type\": \"t\", \"attrs\": [{\"S3CRET\": \"S3CRET\\\"\\u0041S3CRET\"}]}", NULL },
		{ "etc/gvt-early/gvt-early.conf", "\xEF\xBB\xBF# S3CRET\n\v# S3CRET\n ; S3CRET\n", NULL },
	};
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char input[2048];
		snprintf(input, sizeof(input), "%s%s%s", files[i].before, files[i].after ? words : "",
			 files[i].after ? files[i].after : "");
		const char *rest = reduce(files[i].path, input);
		if (strstr(rest, "S3CRET"))
			print_error("%s: %s\n", files[i].path, rest);
		assert_null(strstr(rest, "S3CRET"));
		assert_null(strstr(rest, "192.0.2"));
	}
	assert_string_equal(
		reduce("proc/cmdline",
		       "I915.enable_gvt=1 enable_gvt=1 intel_iommu=on vfio-pci.ids=8086:3e92 module_blacklist=i915 quiet x=y"),
		"I915.enable_gvt=1 enable_gvt=1 intel_iommu=on vfio-pci.ids=8086:3e92 module_blacklist=i915 quiet x=x");
	assert_string_equal(reduce("etc/default/grub",
				   "A=\"i915.enable_gvt=1 foo=bar\"\nGRUB_CMDLINE_LINUX=\"$A ${GRUB_B:-x} quiet\"\n"),
			    "A=\"i915.enable_gvt=1 foo=xxx\"\nGRUB_CMDLINE_LINUX=\"$A ${GRUB_B:-x} quiet\"\n");
	// A line that continues another is none of its own.
	assert_string_equal(reduce("etc/modprobe.d/x.conf", "options i915 \\\n enable_gvt=0\noptions snd x=1\n"),
			    "options i915 \\\n enable_gvt=0\n\n");
}

static void binary(void **state)
{
	(void)state;
	char data[300] = { 0 };
	memset(data + 100, 's', 100);
	assert_int_equal(redact_reduce("sys/devices/pci0000:00/0000:00:02.0/config", data, 256, &what), 0x52);
	assert_int_equal(redact_reduce("sys/devices/pci0000:00/0000:00:02.0/config", data, 64, &what), 64);
	assert_int_equal(redact_reduce("etc/pve/qemu-server/100.conf", data, 300, &what), 1);
	assert_int_equal(data[0], 0);
	memcpy(data, "\0aa:bb:cc:00:11:22", 18);
	assert_int_equal(redact_reduce("lib/modules/6/modules.dep.bin", data, 300, &what), 300);
	assert_memory_equal(data, "\0aa:bb:cc:00:11:22", 18);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(guests),    cmocka_unit_test(sections),    cmocka_unit_test(own_files),
		cmocka_unit_test(addresses), cmocka_unit_test(bootloaders), cmocka_unit_test(secrets),
		cmocka_unit_test(binary),
	};
	return run_group(tests);
}
