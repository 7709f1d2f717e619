/* registry.h - the connectors, one name each. Only the registry and the connectors themselves use it. */
#ifndef PSA_REGISTRY_H
#define PSA_REGISTRY_H

#include "psa/psa.h"

extern const struct psa_ops psa_autotask;
extern const struct psa_ops psa_connectwise;
extern const struct psa_ops psa_files;
extern const struct psa_ops psa_halo;
extern const struct psa_ops psa_itflow;
extern const struct psa_ops psa_kaseya_bms;
extern const struct psa_ops psa_pulseway;
extern const struct psa_ops psa_superops;
extern const struct psa_ops psa_alga;
extern const struct psa_ops psa_syncro;

#endif
