/*
 * What the mps2-an385 starts with, at address 0: a table of vectors, of which only the stack and the entry count; and code
 * that switches the serial port on, which Linux expects of a boot loader, and enters the kernel with its device tree in r2.
 */
	.syntax unified
	.thumb
	.section .text.start, "ax"
	.global _start
	.word 0x00400000
	.word _start + 1
	.type _start, %function
_start:
	ldr r0, =0x40004000
	movs r1, #16
	str r1, [r0, #16]
	movs r1, #3
	str r1, [r0, #8]
	movs r0, #0
	mvns r1, r0
	ldr r2, =DEVICE_TREE
	ldr r3, =KERNEL + 1
	bx r3
