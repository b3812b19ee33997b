//go:build !noasm

#include "textflag.h"

// Twelve accumulators hide a latency of up to six cycles of two units. All registers hold zeros, so
// that nothing overflows or turns denormal.

#define ZERO \
	VXORPS X0, X0, X0; \
	VXORPS X1, X1, X1; \
	VXORPS X2, X2, X2; \
	VXORPS X3, X3, X3; \
	VXORPS X4, X4, X4; \
	VXORPS X5, X5, X5; \
	VXORPS X6, X6, X6; \
	VXORPS X7, X7, X7; \
	VXORPS X8, X8, X8; \
	VXORPS X9, X9, X9; \
	VXORPS X10, X10, X10; \
	VXORPS X11, X11, X11; \
	VXORPS X12, X12, X12; \
	VXORPS X13, X13, X13

#define FMAY(OP) \
	OP Y12, Y13, Y0; \
	OP Y12, Y13, Y1; \
	OP Y12, Y13, Y2; \
	OP Y12, Y13, Y3; \
	OP Y12, Y13, Y4; \
	OP Y12, Y13, Y5; \
	OP Y12, Y13, Y6; \
	OP Y12, Y13, Y7; \
	OP Y12, Y13, Y8; \
	OP Y12, Y13, Y9; \
	OP Y12, Y13, Y10; \
	OP Y12, Y13, Y11

#define FMAZ(OP) \
	OP Z12, Z13, Z0; \
	OP Z12, Z13, Z1; \
	OP Z12, Z13, Z2; \
	OP Z12, Z13, Z3; \
	OP Z12, Z13, Z4; \
	OP Z12, Z13, Z5; \
	OP Z12, Z13, Z6; \
	OP Z12, Z13, Z7; \
	OP Z12, Z13, Z8; \
	OP Z12, Z13, Z9; \
	OP Z12, Z13, Z10; \
	OP Z12, Z13, Z11

// SPIN repeats STEP of single or of double precision, as the arguments say.
#define SPIN(STEP) \
	MOVQ    rounds+0(FP), CX; \
	MOVBLZX double+8(FP), AX; \
	ZERO; \
	TESTQ   CX, CX; \
	JZ      done; \
	TESTL   AX, AX; \
	JNZ     double; \
single: \
	STEP(VFMADD231PS); \
	DECQ    CX; \
	JNZ     single; \
	JMP     done; \
double: \
	STEP(VFMADD231PD); \
	DECQ    CX; \
	JNZ     double; \
done: \
	VZEROUPPER; \
	RET

// func fma256(rounds int, double bool)
TEXT ·fma256(SB), NOSPLIT, $0-9
	SPIN(FMAY)

// func fma512(rounds int, double bool)
TEXT ·fma512(SB), NOSPLIT, $0-9
	SPIN(FMAZ)
