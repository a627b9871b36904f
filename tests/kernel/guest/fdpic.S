/* Where the kernel enters an FDPIC program: r7 is the address of its load map, r8 of its interpreter's, or 0. */
	.syntax unified
	.thumb
	.section .text.start, "ax"
	.global _start
	.type _start, %function
_start:
	mov r0, r7
	mov r1, r8
	b main

	.section .interp, "a"
	.asciz "/interpreter"

/* Text of some pages, so that its size in place can be seen. */
	.section .text.filler, "ax"
	.rept 3 * 1024 + 9
	.word 0xe1a00000
	.endr
