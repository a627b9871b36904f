/* Where the kernel enters a program: the stack is aligned, and main does not return. First in the text: see flat.ld. */
	.section .text.start, "ax"
	.global _start
#if defined(__arm__)
	.type _start, %function
_start:
	mov fp, #0
	b main
#elif defined(__aarch64__)
	.type _start, %function
_start:
	mov x29, #0
	b main
#elif defined(__riscv)
	.type _start, @function
_start:
	tail main
#else
#error "no entry for this processor"
#endif
