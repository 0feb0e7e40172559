/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PCI IDs of GPUs since the 11th generation, as a list of X(device ID,
 * platform) in the order of xe's table (xe_pci.c, include/drm/intel/pciids.h of
 * Linux 7.3). A Raptor Lake is an Alder Lake here, an Arrow Lake a Meteor Lake,
 * a Wildcat Lake a Panther Lake.
 */
#ifndef MACHINE_GPU_IDS_H
#define MACHINE_GPU_IDS_H

#define GPU_IDS_TGL(X)                                                                                        \
	X(0x9a60, &tgl), X(0x9a68, &tgl), X(0x9a70, &tgl), X(0x9a40, &tgl), X(0x9a49, &tgl), X(0x9a59, &tgl), \
		X(0x9a78, &tgl), X(0x9ac0, &tgl), X(0x9ac9, &tgl), X(0x9ad9, &tgl), X(0x9af8, &tgl)

#define GPU_IDS_RKL(X) \
	X(0x4c80, &rkl), X(0x4c8a, &rkl), X(0x4c8b, &rkl), X(0x4c8c, &rkl), X(0x4c90, &rkl), X(0x4c9a, &rkl)

#define GPU_IDS_ADLS(X)                                                                                \
	X(0x4680, &adl_s), X(0x4682, &adl_s), X(0x4688, &adl_s), X(0x468a, &adl_s), X(0x468b, &adl_s), \
		X(0x4690, &adl_s), X(0x4692, &adl_s), X(0x4693, &adl_s)

#define GPU_IDS_ADLP(X)                                                                                        \
	X(0x46a0, &adl_p), X(0x46a1, &adl_p), X(0x46a2, &adl_p), X(0x46a3, &adl_p), X(0x46a6, &adl_p),         \
		X(0x46a8, &adl_p), X(0x46aa, &adl_p), X(0x462a, &adl_p), X(0x4626, &adl_p), X(0x4628, &adl_p), \
		X(0x46b0, &adl_p), X(0x46b1, &adl_p), X(0x46b2, &adl_p), X(0x46b3, &adl_p), X(0x46c0, &adl_p), \
		X(0x46c1, &adl_p), X(0x46c2, &adl_p), X(0x46c3, &adl_p)

#define GPU_IDS_ADLN(X) X(0x46d0, &adl_n), X(0x46d1, &adl_n), X(0x46d2, &adl_n), X(0x46d3, &adl_n), X(0x46d4, &adl_n)

#define GPU_IDS_RPLU(X) X(0xa721, &adl_p), X(0xa7a1, &adl_p), X(0xa7a9, &adl_p), X(0xa7ac, &adl_p), X(0xa7ad, &adl_p)

#define GPU_IDS_RPLP(X) X(0xa720, &adl_p), X(0xa7a0, &adl_p), X(0xa7a8, &adl_p), X(0xa7aa, &adl_p), X(0xa7ab, &adl_p)

#define GPU_IDS_RPLS(X)                                                                                \
	X(0xa780, &adl_s), X(0xa781, &adl_s), X(0xa782, &adl_s), X(0xa783, &adl_s), X(0xa788, &adl_s), \
		X(0xa789, &adl_s), X(0xa78a, &adl_s), X(0xa78b, &adl_s)

#define GPU_IDS_DG1(X) X(0x4905, &dg1), X(0x4906, &dg1), X(0x4907, &dg1), X(0x4908, &dg1), X(0x4909, &dg1)

#define GPU_IDS_ATSM(X) X(0x56c0, &ats_m), X(0x56c2, &ats_m), X(0x56c1, &ats_m)

#define GPU_IDS_ARL(X) X(0x7d51, &mtl), X(0x7dd1, &mtl), X(0x7d41, &mtl), X(0x7d67, &mtl), X(0xb640, &mtl)

#define GPU_IDS_DG2(X)                                                                                                \
	X(0x56a0, &dg2), X(0x56a1, &dg2), X(0x56a2, &dg2), X(0x56be, &dg2), X(0x56bf, &dg2), X(0x5690, &dg2),         \
		X(0x5691, &dg2), X(0x5692, &dg2), X(0x56a5, &dg2), X(0x56a6, &dg2), X(0x56b0, &dg2), X(0x56b1, &dg2), \
		X(0x56ba, &dg2), X(0x56bb, &dg2), X(0x56bc, &dg2), X(0x56bd, &dg2), X(0x5693, &dg2), X(0x5694, &dg2), \
		X(0x5695, &dg2), X(0x56a3, &dg2), X(0x56a4, &dg2), X(0x56b2, &dg2), X(0x56b3, &dg2), X(0x5696, &dg2), \
		X(0x5697, &dg2)

#define GPU_IDS_MTL(X) X(0x7d40, &mtl), X(0x7d45, &mtl), X(0x7d55, &mtl), X(0x7d60, &mtl), X(0x7dd5, &mtl)

#define GPU_IDS_LNL(X) X(0x6420, &lnl), X(0x64a0, &lnl), X(0x64b0, &lnl)

#define GPU_IDS_BMG(X)                                                                                                \
	X(0xe202, &bmg), X(0xe209, &bmg), X(0xe20b, &bmg), X(0xe20c, &bmg), X(0xe20d, &bmg), X(0xe210, &bmg),         \
		X(0xe211, &bmg), X(0xe212, &bmg), X(0xe216, &bmg), X(0xe220, &bmg), X(0xe221, &bmg), X(0xe222, &bmg), \
		X(0xe223, &bmg)

#define GPU_IDS_PTL(X)                                                                                        \
	X(0xb080, &ptl), X(0xb081, &ptl), X(0xb082, &ptl), X(0xb083, &ptl), X(0xb084, &ptl), X(0xb085, &ptl), \
		X(0xb086, &ptl), X(0xb087, &ptl), X(0xb08f, &ptl), X(0xb090, &ptl), X(0xb0a0, &ptl), X(0xb0b0, &ptl)

#define GPU_IDS_WCL(X) X(0xfd80, &ptl), X(0xfd81, &ptl)

#define GPU_IDS_NVLS(X)                                                                                             \
	X(0xd740, &nvls), X(0xd741, &nvls), X(0xd742, &nvls), X(0xd743, &nvls), X(0xd745, &nvls), X(0xd74a, &nvls), \
		X(0xd74b, &nvls)

#define GPU_IDS_NVLP(X) X(0xd750, &nvlp), X(0xd751, &nvlp), X(0xd752, &nvlp), X(0xd753, &nvlp), X(0xd75f, &nvlp)

/* Linux 6.12 does not know the later ones. */
#define GPU_IDS(X)                                                                                                 \
	GPU_IDS_TGL(X), GPU_IDS_RKL(X), GPU_IDS_ADLS(X), GPU_IDS_ADLP(X), GPU_IDS_ADLN(X), GPU_IDS_RPLU(X),        \
		GPU_IDS_RPLP(X), GPU_IDS_RPLS(X), GPU_IDS_DG1(X), GPU_IDS_ATSM(X), GPU_IDS_ARL(X), GPU_IDS_DG2(X), \
		GPU_IDS_MTL(X), GPU_IDS_LNL(X), GPU_IDS_BMG(X)
#define GPU_IDS_LATER(X) GPU_IDS_PTL(X), GPU_IDS_WCL(X), GPU_IDS_NVLS(X), GPU_IDS_NVLP(X)

#endif
