/* Makes each segment of a program some pages long, so that which of them run in place can be seen. */
	.section .text.filler, "ax"
	.rept 3 * 1024 + 9
	.word 0xe1a00000
	.endr
	.section .rodata.filler, "a"
	.rept 2 * 1024 + 5
	.word 0x01020304
	.endr
	.section .data.filler, "aw"
	.rept 1024 + 3
	.word 0x05060708
	.endr
