/* A process that takes this x86-64 machine for an older one: preloaded, it answers CPUID for the processor.
 *
 *   PROCESSOR=avx2   AMD Zen 2: AVX2 and FMA, no AVX-512, no VNNI
 *   PROCESSOR=sse42  Intel Westmere: SSE4.2 and nothing wider
 *
 * Some libraries have no switch for what they compute with; onnxruntime is one. Since 4.12 Linux lets CPUID trap where
 * the processor can (arch_prctl(2), ARCH_SET_CPUID); the trap is a SIGSEGV, whose handler answers in its place. Nothing
 * else is emulated, so tests run at full speed. ld.so has asked before this is loaded: GLIBC_TUNABLES tells libm.
 */
#define _GNU_SOURCE
#include <cpuid.h>
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define ARCH_SET_CPUID 0x1012
#define CACHES 4
#define AMD_CACHES 0x8000001du /* the same four words; without their sizes oneDNN 3.12 reads memory it never wrote */
#define TOPOLOGY (1u << 22)    /* AMD_CACHES is there */
#define ZEN_2 0x830f10u
#define WESTMERE 0x206c2u

static struct sigaction theirs = {.sa_handler = SIG_DFL}; /* what the program itself wants of a SIGSEGV */
static int avx2;

static int install(int number, const struct sigaction *wanted, struct sigaction *before) {
    static int (*libcs)(int, const struct sigaction *, struct sigaction *);
    if (!libcs) *(void **)&libcs = dlsym(RTLD_NEXT, "sigaction");
    return libcs(number, wanted, before);
}

/* Leaf 1, ECX: FMA, MOVBE, XSAVE's user AVX, F16C. Leaf 7, EBX: what Zen 2 has, from FSGSBASE to SHA. */
static const unsigned WIDER = bit_FMA | bit_MOVBE | bit_AVX | bit_F16C;
static const unsigned OF_ZEN_2 = bit_FSGSBASE | bit_BMI | bit_AVX2 | bit_BMI2 | bit_RDSEED | bit_ADX | bit_SHA;

static void answer(unsigned leaf, unsigned part, unsigned *a, unsigned *b, unsigned *c, unsigned *d) {
    syscall(SYS_arch_prctl, ARCH_SET_CPUID, 1);
    __cpuid_count(leaf == AMD_CACHES ? CACHES : leaf, part, *a, *b, *c, *d);
    if (leaf == AMD_CACHES && !*a) __cpuid_count(leaf, part, *a, *b, *c, *d); /* AMD's own, which have no CACHES */
    syscall(SYS_arch_prctl, ARCH_SET_CPUID, 0);
    if (leaf == 0) {
        *a = 0xd;
        memcpy(b, avx2 ? "Auth" : "Genu", 4), memcpy(d, avx2 ? "enti" : "ineI", 4), memcpy(c, avx2 ? "cAMD" : "ntel", 4);
    } else if (leaf == 1) {
        *a = avx2 ? ZEN_2 : WESTMERE;
        if (!avx2) *c &= ~WIDER;
    } else if (leaf == 7) {
        *a = *c = *d = 0;
        *b = avx2 && part == 0 ? *b & OF_ZEN_2 : 0;
    } else if (leaf == 0x80000000 && avx2) {
        *a = AMD_CACHES;
    } else if (leaf == 0x80000001) {
        *c = avx2 ? *c | TOPOLOGY : *c & bit_LAHF_LM;
    } else if (leaf == CACHES && avx2) {
        *a = *b = *c = *d = 0;
    }
}

static void on_segv(int number, siginfo_t *info, void *context) {
    greg_t *at = ((ucontext_t *)context)->uc_mcontext.gregs;
    const unsigned char *code = (const unsigned char *)at[REG_RIP];
    if (info->si_code == SI_KERNEL && code[0] == 0x0f && code[1] == 0xa2) {
        unsigned a, b, c, d;
        answer((unsigned)at[REG_RAX], (unsigned)at[REG_RCX], &a, &b, &c, &d);
        at[REG_RAX] = a, at[REG_RBX] = b, at[REG_RCX] = c, at[REG_RDX] = d;
        at[REG_RIP] += 2;
    } else if (theirs.sa_flags & SA_SIGINFO) {
        theirs.sa_sigaction(number, info, context);
    } else if (theirs.sa_handler != SIG_DFL && theirs.sa_handler != SIG_IGN) {
        theirs.sa_handler(number);
    } else {
        install(SIGSEGV, &theirs, NULL); /* the instruction is tried again and ends the process */
    }
}

/* The program's own handlers of a SIGSEGV (faulthandler's) are remembered, never installed. */
int sigaction(int number, const struct sigaction *wanted, struct sigaction *before) {
    if (number != SIGSEGV) return install(number, wanted, before);
    if (before) *before = theirs;
    if (wanted) theirs = *wanted;
    return 0;
}

sighandler_t signal(int number, sighandler_t handler) {
    struct sigaction wanted = {.sa_handler = handler, .sa_flags = SA_RESTART}, before;
    return sigaction(number, &wanted, &before) ? SIG_ERR : before.sa_handler;
}

__attribute__((constructor)) static void start(void) {
    const char *name = getenv("PROCESSOR");
    avx2 = name && !strcmp(name, "avx2");
    if (!avx2 && (!name || strcmp(name, "sse42"))) return;
    struct sigaction ours = {.sa_sigaction = on_segv, .sa_flags = SA_SIGINFO | SA_NODEFER};
    install(SIGSEGV, &ours, NULL);
    if (syscall(SYS_arch_prctl, ARCH_SET_CPUID, 0))
        fprintf(stderr, "older_processor: CPUID does not trap here; what has no switch runs as on this processor\n");
}
