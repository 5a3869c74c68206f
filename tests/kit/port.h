/* port.h - a loopback port that nobody uses, below 32768, where the kernel's own choices begin. */
#pragma once

int kit_free_port(void);
