#ifndef PAGE_BYTES
#define PAGE_BYTES 4096
#endif

/* Makes each segment of a program some pages long, so that which of them run in place can be seen. */
	.section .text.filler, "ax"
	.rept 3 * PAGE_BYTES / 4 + 9
	.word 0xe1a00000
	.endr
	.section .rodata.filler, "a"
	.rept 2 * PAGE_BYTES / 4 + 5
	.word 0x01020304
	.endr
	.section .data.filler, "aw"
	.rept PAGE_BYTES / 4 + 3
	.word 0x05060708
	.endr
