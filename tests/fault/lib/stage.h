/* SPDX-License-Identifier: MIT */
/* stage.h - what one run of a scenario has on the stage; between sweep.c and stage.c. */
#ifndef STAGE_H
#define STAGE_H

#include "sweep.h"

/* Nothing is there yet. */
void stage_reset(void);
/* Waits for the helpers of do_later; a scenario that has left early closes its sockets, so that none waits for ever. */
void stage_stop_helpers(void);
/* Closes everything and checks that each request was notified as promised. */
void stage_settle(void);
/* For a run that hangs. */
void stage_dump(void);

/* Is the code what the present fault may lead to? */
int sweep_explains(DWORD code);
/* Records a failure of the run, with the fault under which it came. */
void sweep_complain(const char *what);

#endif
